using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Tests.Wire;

/// <summary>Codecs of our records for tests.</summary>
internal static class TestRecords
{
    public const string JoinPlan = "panes of 10000 ms";

    public static RecordFormat Format { get; } = new(RecordFormat.Current, RecordFormat.Current);

    /// <summary>Windows with this smallest slide and no allowances.</summary>
    public static WindowPlan PlanOf(TimeSpan pane) =>
        Plan(
            string.Create(CultureInfo.InvariantCulture, $"{pane.TotalMilliseconds}ms/{pane.TotalMilliseconds}ms"),
            new LanePlan(0, 0, 0, 0));

    /// <summary>These windows, with the allowances of lanes.</summary>
    public static WindowPlan Plan(string spans, LanePlan lanes) => WindowPlan.Create(
        spans.Split(' ').Select(
            span => WindowSpec.TryParse(span, out var spec, out var problem) ? spec : throw new ArgumentException(problem)),
        TimeSpan.FromMilliseconds(lanes.AllowedLatenessMs),
        TimeSpan.FromMilliseconds(lanes.AllowedSkewMs),
        TimeSpan.FromMilliseconds(lanes.DisorderSlackMs));

    /// <summary>A codec whose source partitions are numbered as they are given.</summary>
    public static RecordCodec Codec(WindowPlan plan, params IReadOnlyList<TopicPartition> sources) =>
        Codec(plan, new SourcePartitions([.. sources]));

    public static RecordCodec Codec(WindowPlan plan, SourcePartitions sources) => new(plan, JoinPlan, sources, Format);
}
