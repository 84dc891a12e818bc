using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>Reports and references with chosen numbers: what is tested is how they are exported, not how they come about.</summary>
internal static class Reported
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ClassSpace Classes = ClassSpace.Create(["cat", "dog"]);

    /// <summary>Of all models: no critical one of cross-entropy. Warnings of <c>ppo</c> have a budget of one in four days.</summary>
    public static AlarmSettings Alarms { get; } = new(
        new ConfiguredThresholds(new(0.125, 0.5), new(0.75, null), new(0.0625, 0.25)),
        ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty.Add(
            "ppo", new ConfiguredThresholds(new(null, 0.5, new FalseAlarmBudget(1, 4 * 86_400_000L)), default, new(0.0625, 0.25))
            {
                Accuracy = new(null, null, new FalseAlarmBudget(1, 4 * 86_400_000L)),
            }));

    public static ImmutableArray<WindowSpec> Windows { get; } = [Window("5m"), Window("1h")];

    public static ThresholdsInForce Thresholds() => new(Alarms, Windows, minimumEvents: 100, new Calibrations(pseudoEvents: 1));

    public static Divergences SomeDivergences { get; } = new(
        KlLiveVsReferenceNats: 0.25,
        KlReferenceVsLiveNats: 0.375,
        JensenShannonNats: 0.0625,
        Psi: 0.625,
        TotalVariation: 0.5,
        Hellinger: 0.5,
        NoiseFloorNats: 0.03125,
        UnseenMassRatio: 0.125,
        CusumNats: 0.046875);

    public static TrailingDivergence SomeTrailing { get; } =
        new(
            Events: 120, Readiness.Ready, Classes: 2, KlLiveVsTrailingNats: 0.1875, KlTrailingVsLiveNats: 0.15625,
            NoiseFloorNats: 0.0078125);

    public static DriftReport Without(
        string model, string segment = SeriesKey.All, string window = "5m", long events = 100, bool complete = true,
        bool retired = false) =>
        new(
            new LiveWindow(
                new SeriesKey(model, segment),
                Window(window),
                Start.AddMinutes(5).ToUnixTimeMilliseconds(),
                new PaneClasses(Classes.Id, ModelClasses.Configured, null),
                events,
                new UInt128[Classes.CellCount],
                complete,
                Start.AddSeconds(299.5).ToUnixTimeMilliseconds(),
                retired),
            complete ? Readiness.Ready : Readiness.Incomplete,
            events == 0 ? null : 0.5,
            null,
            null,
            [],
            0);

    private static WindowSpec Window(string length) =>
        WindowSpec.TryParse($"{length}/10s", out var spec, out var problem) ? spec : throw new ArgumentException(problem, nameof(length));

    public static DriftReport Of(
        string model,
        string segment = SeriesKey.All,
        string window = "5m",
        Divergences? divergences = null,
        double restNats = 0.03125,
        bool retired = false,
        params (string Class, double Nats)[] contributions) =>
        Without(model, segment, window, retired: retired) with
        {
            Divergences = divergences ?? SomeDivergences,
            Trailing = SomeTrailing,
            Contributions = [.. contributions.Select(c => new ClassContribution(c.Class, c.Nats, 0.5, 0.25))],
            RestContributionNats = restNats,
        };

    public static DriftReport OfPolicies(string model)
    {
        var report = Without(model, events: 300);
        var sums = new PolicySums();
        sums.Add(new PairedKullbackLeibler(0.25, 0.125, Clamped: true));
        sums.Add(SampledKullbackLeibler.Of(-1, -2));
        return report with
        {
            Window = report.Window with { Policy = sums },
            Policy =
            [
                new PolicyDivergence(PolicyEstimate.ExactLiveVsReference, 0.25, 0.0625),
                new PolicyDivergence(PolicyEstimate.ExactReferenceVsLive, 0.125, 0.03125),
                new PolicyDivergence(PolicyEstimate.K1, 1, null),
                new PolicyDivergence(PolicyEstimate.K2, 0.5, null),
                new PolicyDivergence(PolicyEstimate.K3, 0.375, null),
            ],
        };
    }

    public static ReferenceSnapshot Reference(string model, int version = 1, bool withLabels = false, long blockMs = 10_000)
    {
        var (sums, half) = (new PaneSums(Classes.CellCount), new PaneSums(Classes.CellCount));
        for (var i = 0; i < 750; i++)
        {
            half.Add([0.75, 0.25, 0]);
            sums.Add([0.75, 0.25, 0]);
            sums.Add([0.75, 0.25, 0]);
        }

        return new ReferenceSnapshot(
            model,
            version,
            Start,
            Classes,
            new Dictionary<string, PaneSums> { [SeriesKey.All] = sums },
            [new ReferenceBlock(0, half.Events, [.. half.Mass]), new ReferenceBlock(blockMs, half.Events, [.. half.Mass])],
            losses: withLabels ? new ValueBaseline([0.25], [new ValueBlock(0, [750]), new ValueBlock(blockMs, [750])]) : null,
            errors: withLabels ? new ValueBaseline([0, 1], [new ValueBlock(0, [700, 50]), new ValueBlock(blockMs, [706, 44])]) : null,
            policies: withLabels
                ? new Dictionary<PolicyEstimate, ValueBaseline>
                {
                    [PolicyEstimate.K3] = new([0.0625], [new ValueBlock(0, [750]), new ValueBlock(blockMs, [750])]),
                }
                : null,
            entropies: withLabels
                ? new ValueBaseline([0.25, 0.75], [new ValueBlock(0, [375, 375]), new ValueBlock(blockMs, [375, 375])])
                : null);
    }

    public static ReferenceSet References(params ImmutableArray<ReferenceSnapshot> snapshots) => ReferenceSet.Latest(snapshots);
}
