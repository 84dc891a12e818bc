using Confluent.Kafka;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Windows;
using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Wire;

/// <summary>What is settled, as records of the rollups topic.</summary>
public sealed class SettledRecordTests
{
    private static readonly WindowSpec Spec = WindowSpec.TryParse("5m/10s", out var spec, out _)
        ? spec
        : throw new InvalidOperationException();

    private static readonly WindowPlan Plan = WindowPlan.Create(
        [Spec], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));

    private static readonly RecordCodec Codec = TestRecords.Codec(Plan);

    [Fact]
    public void A_pane_is_the_same_after_its_journey()
    {
        var sums = new PaneSums(3);
        sums.Add([0.5, 0.25, 0.25]);
        sums.Add(new PairedKullbackLeibler(0.25, 0.125, Clamped: true));
        var read = Journey(sums);
        Assert.True(sums.SameAs(read!.Value.Sums));
        Assert.Equal((1, 1, 1), (read.Value.Sums.Events, read.Value.Sums.Policy!.ExactEvents, read.Value.Sums.Policy.ClampedEvents));
    }

    /// <summary>Log-probabilities of what was sampled have no distribution, so such a pane has no events of that kind.</summary>
    [Fact]
    public void A_pane_of_sampled_tokens_only_is_kept()
    {
        var sums = new PaneSums(2);
        sums.Add(SampledKullbackLeibler.Of(-1, -3));
        Assert.True(sums.SameAs(Journey(sums)!.Value.Sums));
    }

    /// <summary>Of a vocabulary only the tokens seen are kept: a restored window must not be another.</summary>
    [Fact]
    public void A_pane_of_few_cells_of_many_is_the_same_after_its_journey()
    {
        var sums = new PaneSums(7, ClassSpace.MaxClasses + 1, [0, 3, 70_000, ClassSpace.MaxClasses], [1, 2, 3, 4], [5, 6, 7, 8]);
        var read = Journey(sums);
        Assert.True(read!.Value.Sums.IsSparse);
        Assert.True(sums.SameAs(read.Value.Sums));
    }

    [Fact]
    public void A_pane_of_no_events_is_none() => Assert.Null(Journey(new PaneSums(3)));

    /// <summary>Another process has other numbers for the same partitions.</summary>
    [Fact]
    public void Sources_keep_their_names()
    {
        var plan = WindowPlan.Create([Spec], default, default, default);
        TopicPartition[] partitions = [
            .. Enumerable.Range(0, 20).Select(partition => new TopicPartition("a", partition)), new TopicPartition("b", 300)];
        var writer = TestRecords.Codec(plan, new SourcePartitions(partitions));
        var readers = new SourcePartitions([.. partitions.Reverse()]);
        var sums = new PaneSums(1, [1, 0, 0], [1, 0, 0]);
        var pane = new SettledPane(
            new SeriesKey("m", SeriesKey.All), 20_000, 10_000, new PaneClasses(ClassSpace.Indexed(2).Id, 1, null), 25_000, 10_000,
            sums)
        { Sources = [0, 9, 20] };
        var read = Assert.IsType<SettledPane>(TestRecords.Codec(plan, readers).Decode(writer.Encode(pane)));
        Assert.Equal([partitions[20], partitions[9], partitions[0]], read.Sources.Select(source => readers[source]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(60_000L)]
    public void Panes_say_since_when_their_classes_are_in_force(long? sinceMs)
    {
        var pane = new SettledPane(
            new SeriesKey("m", SeriesKey.All), 20_000, 10_000, new PaneClasses(ClassSpace.Indexed(2).Id, 0, null), 25_000, 10_000,
            new PaneSums(1, [1, 0, 0], [1, 0, 0]))
        { ClassesSinceMs = sinceMs };
        Assert.Equal(sinceMs, Assert.IsType<SettledPane>(Codec.Decode(Codec.Encode(pane))).ClassesSinceMs);
    }

    /// <summary>Replicas with other windows write beside ours: one that wrote over them would leave holes that nobody sees.</summary>
    [Fact]
    public void Keys_are_those_of_one_configuration()
    {
        var windows = WindowPlan.Create(
            [Spec, WindowSpec.TryParse("1h/10s", out var hour, out _) ? hour : throw new InvalidOperationException()], default, default,
            default);
        var (ours, other) = (new RecordKeys(Plan), new RecordKeys(windows));
        var pane = new SettledPane(
            new SeriesKey("m", SeriesKey.All), 20_000, 10_000, new PaneClasses(ClassSpace.Indexed(2).Id, 1, null), 25_000, 10_000,
            new PaneSums(1, [1, 0, 0], [1, 0, 0]));
        var settlement = new Settlement(20_000, []);
        Assert.NotEqual(ours.Of(pane), other.Of(pane));
        Assert.NotEqual(ours.Expired(pane), other.Expired(pane));
        Assert.NotEqual(ours.Of(settlement), other.Of(settlement));
        Assert.Null(TestRecords.Codec(windows).Decode(Codec.Encode(settlement)));
        Assert.Null(TestRecords.Codec(windows).Decode(Codec.Encode(pane)));
    }

    /// <summary>A newer version writes over what was written before it, so what is left of that has holes.</summary>
    [Fact]
    public void A_partition_with_records_of_a_newer_format_restores_nothing()
    {
        var restored = new RestoredPartition();
        var settlement = Codec.Encode(new Settlement(20_000, []) { ResumeOffset = 7 });
        restored.Add(Codec.Decode(settlement));
        Assert.Equal((7, 20_000), (restored.ResumeOffset, restored.Settlement!.BeforeMs));
        var newer = PlaneRecord.Parser.ParseFrom(settlement);
        newer.Format = RecordFormat.Current + 1;
        restored.Add(Codec.Decode(newer.ToByteArray()));
        Assert.Equal((1, 0, null), (restored.Newer, restored.ResumeOffset, restored.Settlement));
    }

    /// <summary>A replica that wakes up after it lost the partition may not know of a loss, and must not make it forgotten.</summary>
    [Fact]
    public void The_largest_loss_of_any_settlement_is_restored()
    {
        var restored = new RestoredPartition();
        restored.Add(Journey(new Settlement(20_000, []) { LostBeforeMs = 17_001 }));
        restored.Add(Journey(new Settlement(30_000, [])));
        Assert.Equal((30_000, 17_001), (restored.Settlement!.BeforeMs, restored.LostBeforeMs));
    }

    private static PaneMessage? Journey(Settlement settlement) => Codec.Decode(Codec.Encode(settlement));

    private static (SettledPane Pane, PaneSums Sums)? Journey(PaneSums sums)
    {
        var pane = new SettledPane(
            new SeriesKey("m", SeriesKey.All), 20_000, 10_000, new PaneClasses(ClassSpace.Indexed(2).Id, 1, null), 25_000, 10_000, sums);
        return Codec.Decode(Codec.Encode(pane)) is SettledPane read ? (read, read.Sums) : null;
    }
}
