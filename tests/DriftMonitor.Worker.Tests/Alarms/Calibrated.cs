using System.Collections.Immutable;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Alarms;

/// <summary>A reference of an hour that thresholds can be worked out from, and windows that are compared with it.</summary>
internal static class Calibrated
{
    private const int Blocks = 360;
    private const int EventsOfBlock = 50;

    private static readonly ClassSpace Classes = ClassSpace.Create(["cat", "dog"]);

    public static WindowSpec Window { get; } = WindowSpec.TryParse("5m/10s", out var spec, out var problem)
        ? spec
        : throw new InvalidOperationException(problem);

    /// <summary>Of the model <c>m</c>: half of the outputs are cats. One slice, <c>eu</c>, is like the rest.</summary>
    public static ReferenceSnapshot Reference(
        bool withLosses = false, PolicyEstimate[]? estimates = null, bool withErrors = false)
    {
        var random = new Random(1);
        var (all, blocks) = (new PaneSums(Classes.CellCount), new List<ReferenceBlock>());
        for (var block = 0; block < Blocks; block++)
        {
            var sums = new PaneSums(Classes.CellCount);
            for (var i = 0; i < EventsOfBlock; i++)
            {
                var cat = random.Next(2);
                sums.Add([cat, 1 - cat, 0]);
            }

            all.Add(sums);
            blocks.Add(new ReferenceBlock(block * 10_000L, sums.Events, [.. sums.Mass]));
        }

        var values = new ValueBaseline(
            [0.25, 1.5], [.. Enumerable.Range(0, Blocks).Select(block => new ValueBlock(block * 10_000L, [40, 10]))]);
        return new ReferenceSnapshot(
            "m", 1, Reported.Start, Classes, new Dictionary<string, PaneSums> { [SeriesKey.All] = all, ["eu"] = all }, [.. blocks],
            losses: withLosses ? values : null,
            policies: estimates?.ToDictionary(estimate => estimate, _ => values),
            errors: withErrors
                ? new ValueBaseline([0, 1], [.. Enumerable.Range(0, Blocks).Select(block => new ValueBlock(block * 10_000L, [47, 3]))])
                : null);
    }

    public static DriftReport Report(
        ReferenceSnapshot? reference, string segment = SeriesKey.All, long events = 1_500, bool ready = true,
        ImmutableArray<PolicyDivergence> policy = default)
    {
        var report = Reported.Of("m", segment) with { Reference = reference, Readiness = ready ? Readiness.Ready : Readiness.TooFewEvents };
        var policies = new PolicySums();
        if (!policy.IsDefault)
        {
            for (var i = 0; i < 200; i++)
            {
                policies.Add(DriftMonitor.Divergence.SampledKullbackLeibler.Of(-1, -2));
            }
        }

        return report with
        {
            Window = report.Window with
            {
                Events = events,
                Policy = policy.IsDefault ? null : policies,
                Panes = Panes(events, catShare: 0.6),
            },
            Policy = policy.IsDefault ? [] : policy,
        };
    }

    /// <summary>The panes of a window of so many events.</summary>
    public static WindowPanes Panes(long events, double catShare)
    {
        var each = events / (double)Window.Panes;
        return new WindowPanes(
            [.. Enumerable.Repeat((long)each, Window.Panes)],
            [.. Enumerable.Repeat(new[] { each * catShare, each * (1 - catShare), 0 }, Window.Panes).SelectMany(pane => pane)]);
    }

    public static FeedbackWindow Labels(
        double crossEntropy, long events = 1_000, string segment = SeriesKey.All, double? accuracy = null) => new(
        new SeriesKey("m", segment), Window, Attribution.LabelTime, Reported.Start.AddMinutes(5).ToUnixTimeMilliseconds(),
        new FeedbackMeasures(events, 0, crossEntropy, 0.25, null, accuracy, null, null, null, []))
        {
            Panes = () => new PaneCosts(
                [.. Enumerable.Repeat(events / (double)Window.Panes, Window.Panes)],
                [.. Enumerable.Repeat(crossEntropy * events / Window.Panes, Window.Panes)],
                [.. Enumerable.Repeat((1 - (accuracy ?? 1)) * events / Window.Panes, Window.Panes)]),
        };
}
