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

namespace DriftMonitor.Tests.Alarms;

public sealed class ModelFactsTests
{
    private const long Minimum = 100;

    private static readonly ClassSpace Classes = ClassSpace.Create(["cat", "dog"]);
    private static readonly ReferenceSnapshot Reference = Snapshot();
    private static readonly Reading Drift = new(AlarmSeverity.Warning, Measure.KlLiveVsReference, 0.1, 0.2, null);
    private static readonly Reading Policy = new(AlarmSeverity.Warning, Measure.PolicyKlK1, 0.1, 0.2, null);

    /// <summary>
    /// From a model of which nothing is right, one thing after another is put right, in the order of the states: each time the next holds.
    /// </summary>
    [Fact]
    public void Of_those_that_hold_the_first_is_the_state()
    {
        var facts = new ModelFacts(
            IsRejected: true, Silence: TimeSpan.FromMinutes(16), SilenceLimit: TimeSpan.FromMinutes(15),
            [Window(Readiness.Incomplete, events: 0) with { Report = Window(Readiness.Incomplete, 0).Report with { Reference = null } }],
            Guard: null, Minimum);
        Assert.Equal(ModelState.Rejected, facts.State);
        facts = facts with { IsRejected = false };
        Assert.Equal(ModelState.Silent, facts.State);
        facts = facts with { Silence = TimeSpan.FromMinutes(15) };
        Assert.Equal(ModelState.NoReference, facts.State);
        facts = facts with { Windows = [Window(Readiness.Incomplete, events: 0)] };
        Assert.Equal(ModelState.NoThreshold, facts.State);
        facts = facts with { Guard = AlarmKind.OutputDrift };
        Assert.Equal(ModelState.Filling, facts.State);
        facts = facts with { Windows = [Window(Readiness.TooFewEvents, events: 99)] };
        Assert.Equal(ModelState.TooFewEvents, facts.State);
        facts = facts with { Windows = [Window(Readiness.Ready, events: 100)] };
        Assert.Equal(ModelState.Uncalibrated, facts.State);
        facts = facts with { Windows = [Window(Readiness.Ready, events: 100, [Drift]) with { IsPending = true }] };
        Assert.Equal(ModelState.Uncalibrated, facts.State);
        facts = facts with { Windows = [Window(Readiness.Ready, events: 100, [Drift]) with { IsUnsupported = true }] };
        Assert.Equal(ModelState.Uncalibrated, facts.State);
        var byBudget = Drift with { Budget = new FalseAlarmBudget(1, 30 * 86_400_000L) }; // a policy's is pending
        facts = facts with { Windows = [Window(Readiness.Ready, events: 100, [byBudget]) with { IsPending = true }] };
        Assert.Equal(ModelState.Guarded, facts.State);
        facts = facts with { Windows = [Window(Readiness.Ready, events: 100, [Drift])] };
        Assert.Equal(ModelState.Guarded, facts.State);
        facts = facts with { Windows = [] };
        Assert.Equal(ModelState.Retired, facts.State);
        Assert.Equal(ModelState.Rejected, (facts with { IsRejected = true }).State);
    }

    [Theory]
    [InlineData(15, false, ModelState.Guarded)]
    [InlineData(16, false, ModelState.Silent)]
    [InlineData(1_000, false, ModelState.Silent)]
    [InlineData(15, true, ModelState.Retired)]
    [InlineData(16, true, ModelState.Silent)]
    [InlineData(30, true, ModelState.Silent)]
    [InlineData(31, true, ModelState.Retired)]
    public void A_model_that_has_left_is_missed_for_as_long_again_as_it_may_be_silent(int silentMinutes, bool hasLeft, ModelState state) =>
        Assert.Equal(state, new ModelFacts(
            false, TimeSpan.FromMinutes(silentMinutes), TimeSpan.FromMinutes(15),
            hasLeft ? [] : [Window(Readiness.Ready, 100, [Drift])], AlarmKind.OutputDrift, Minimum).State);

    [Fact]
    public void One_window_that_guards_is_enough() => Assert.Equal(
        ModelState.Guarded,
        Of(Window(Readiness.TooFewEvents, 10), Window(Readiness.Ready, 100), Window(Readiness.Ready, 200, [Drift]), Failed()));

    [Fact]
    public void A_reading_of_a_window_that_is_not_ready_guards_nothing()
    {
        Assert.Equal(ModelState.TooFewEvents, Of(Window(Readiness.TooFewEvents, 99, [Drift])));
        Assert.Equal(ModelState.Filling, Of(Window(Readiness.Incomplete, 500, [Drift])));
    }

    [Fact]
    public void A_longer_window_that_only_has_to_fill_is_waited_for()
    {
        Assert.Equal(ModelState.TooFewEvents, Of(Window(Readiness.TooFewEvents, 50), Window(Readiness.Incomplete, 99)));
        Assert.Equal(ModelState.Filling, Of(Window(Readiness.TooFewEvents, 50), Window(Readiness.Incomplete, 100)));
    }

    [Fact]
    public void Windows_that_cannot_be_evaluated_are_neither_without_a_reference_nor_guarded()
    {
        Assert.Equal(ModelState.Filling, Of(Failed()));
        Assert.Equal(ModelState.NoReference, Of(Failed(), WithoutReference(Window(Readiness.Ready, 100))));
    }

    [Fact]
    public void Policies_alone_need_no_reference_and_their_own_events()
    {
        Assert.Equal(ModelState.Guarded, OfPolicies(AlarmKind.PolicyKl, Policies(100, [Policy])));
        Assert.Equal(ModelState.TooFewEvents, OfPolicies(AlarmKind.PolicyKl, Policies(99, [Policy])));
        Assert.Equal(ModelState.Uncalibrated, OfPolicies(AlarmKind.PolicyKl, Policies(100, [])));
        Assert.Equal(ModelState.NoThreshold, OfPolicies(null, Policies(100, [])));
    }

    [Fact]
    public void Where_outputs_are_watched_policies_alone_do_not_guard_it()
    {
        var both = Window(Readiness.Ready, 100) with { Policy = [Policy] };
        Assert.Equal(ModelState.Uncalibrated, Of(both));
    }

    [Fact]
    public void What_a_threshold_watches_follows_from_settings_and_reference()
    {
        var (budget, outputs, policies) = (new FalseAlarmBudget(1, 86_400_000), Window(Readiness.Ready, 100), Policies(100, []));
        Assert.Null(Guard(new(default, default, default), outputs));
        Assert.Null(Guard(new(default, new(1, 2, budget, budget), new(1, 2)), outputs)); // labels guard no outputs, and there is no policy
        Assert.Equal(AlarmKind.OutputDrift, Guard(new(new(null, 1), default, default), outputs));
        Assert.Equal(AlarmKind.OutputDrift, Guard(new(new(null, null, budget), default, default), outputs));
        Assert.Null(Guard(new(new(1, 2, budget), default, default), policies));
        Assert.Equal(AlarmKind.PolicyKl, Guard(new(default, default, new(1, null)), policies));
        Assert.Null(Guard(new(default, default, new(null, null, budget)), policies)); // the reference has no policies to calibrate with
        var both = outputs with { Report = outputs.Report with { Policy = policies.Report.Policy } };
        Assert.Equal(AlarmKind.PolicyKl, Guard(new(default, default, new(1, null)), both));
        Assert.Equal(AlarmKind.OutputDrift, Guard(new(new(1, 2), default, new(1, null)), both));
    }

    [Fact]
    public void A_reference_that_cannot_calibrate_leaves_a_budget_nothing_to_watch()
    {
        var (budget, blind) = (new FalseAlarmBudget(1, 86_400_000), Snapshot(DriftCalibration.MostClasses + 1));
        Assert.False(DriftCalibration.CanCalibrate(blind));
        var window = Window(Readiness.Ready, 100);
        window = window with { Report = window.Report with { Reference = blind } };
        Assert.Null(Guard(new(new(null, null, budget), default, default), window));
        Assert.Equal(AlarmKind.OutputDrift, Guard(new(new(1, null, budget), default, default), window));
    }

    [Fact]
    public void A_model_may_be_silent_a_quarter_longer_than_its_reference_was()
    {
        var thresholds = Thresholds(new(default, default, default));
        Assert.Equal(TimeSpan.FromMinutes(15), thresholds.SilenceLimit(null));
        Assert.Equal(TimeSpan.FromMinutes(15), thresholds.SilenceLimit(Span(TimeSpan.FromMinutes(12))));
        Assert.Equal(TimeSpan.FromHours(10), thresholds.SilenceLimit(Span(TimeSpan.FromHours(8))));

        static ReferenceSpan Span(TimeSpan silence) => new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), silence);
    }

    private static ModelState Of(params ImmutableArray<JudgedReport> windows) => OfPolicies(AlarmKind.OutputDrift, windows);

    private static ModelState OfPolicies(AlarmKind? guard, params ImmutableArray<JudgedReport> windows) =>
        new ModelFacts(false, TimeSpan.Zero, TimeSpan.FromMinutes(15), windows, guard, Minimum).State;

    private static AlarmKind? Guard(ConfiguredThresholds configured, JudgedReport window) => Thresholds(configured).Guard("m", [window]);

    private static ThresholdsInForce Thresholds(ConfiguredThresholds configured) => new(
        new AlarmSettings(configured, ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty), [], Minimum, new Calibrations(1));

    private static JudgedReport Failed() => new(DriftReport.WithoutNumbers(Window(Readiness.Ready, 500).Report.Window), [], []);

    private static JudgedReport WithoutReference(JudgedReport judged) => judged with { Report = judged.Report with { Reference = null } };

    private static JudgedReport Policies(int events, ImmutableArray<Reading> readings)
    {
        var sums = new PolicySums();
        for (var i = 0; i < events; i++)
        {
            sums.Add(SampledKullbackLeibler.Of(-1, -2));
        }

        var judged = WithoutReference(Window(Readiness.Ready, events: 0));
        return judged with
        {
            Report = judged.Report with
            {
                Window = judged.Report.Window with { Policy = sums },
                Policy = [new PolicyDivergence(PolicyEstimate.K1, 1, null)],
            },
            Policy = readings,
        };
    }

    private static JudgedReport Window(Readiness readiness, long events, ImmutableArray<Reading> drift = default)
    {
        Assert.True(WindowSpec.TryParse("5m/10s", out var spec, out _));
        var window = new LiveWindow(
            new SeriesKey("m", SeriesKey.All), spec, 300_000, new PaneClasses(Classes.Id, ModelClasses.Configured, null), events,
            new UInt128[Classes.CellCount], readiness != Readiness.Incomplete, 299_000, Retired: false);
        return new JudgedReport(new DriftReport(window, readiness, null, Reference, null, [], 0), drift.IsDefault ? [] : drift, []);
    }

    private static ReferenceSnapshot Snapshot(int classes = 2)
    {
        var space = ClassSpace.Create([.. Enumerable.Range(0, classes).Select(i => $"c{i}")]);
        var sums = new PaneSums(space.CellCount);
        var output = new double[space.CellCount];
        (output[0], output[1]) = (0.75, 0.25);
        for (var i = 0; i < 100; i++)
        {
            sums.Add(output);
        }

        return new ReferenceSnapshot(
            "m", 1, DateTimeOffset.UnixEpoch, space, new Dictionary<string, PaneSums> { [SeriesKey.All] = sums },
            [new ReferenceBlock(0, sums.Events, [.. sums.MassOfAll()])]);
    }
}
