using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Alarms;

public sealed class AlarmTrackerTests
{
    private static readonly SeriesKey Series = new("m", SeriesKey.All);

    private static readonly FalseAlarmBudget Budget = new(1, 30 * 86_400_000L);

    private static readonly ImmutableArray<WindowSpec> Windows =
        [Given.Window("20ms/10ms"), Given.Window("40ms/10ms"), Given.Window("80ms/10ms")];

    private readonly AlarmTracker _tracker = new(Windows, minimumEvents: 100);

    /// <summary>
    /// <code>
    ///   end ms     10  20  30  40  50  60  70  80
    ///   40ms       –   ▲   –   ▲   –   –   –   –     above until 40, so over at 80
    /// </code>
    /// </summary>
    [Fact]
    public void Alarm_begins_once_and_ends_a_windows_length_after_it_was_last_above()
    {
        Assert.Empty(Note("40ms/10ms", 10, 0.5));
        var begun = Assert.Single(Note("40ms/10ms", 20, 1.5));
        Assert.Equal((20, null, 1.5), (begun.BeganMs, begun.EndedMs, begun.First.Value));
        Assert.Empty(Note("40ms/10ms", 30, 0.5));
        Assert.Empty(Note("40ms/10ms", 40, 2));
        Assert.All([50, 60, 70], toMs => Assert.Empty(Note("40ms/10ms", toMs, 0.5)));
        Assert.Empty(Assert.Single(_tracker.Active).Above); // it is on, and no window is above now
        Assert.Equal((2, 40), (Assert.Single(_tracker.Active).Peak.Value, Assert.Single(_tracker.Active).PeakMs));

        var ended = Assert.Single(Note("40ms/10ms", 80, 0.5));

        Assert.Equal((20, 80L), (ended.BeganMs, ended.EndedMs));
        Assert.Empty(ended.Above);
        Assert.Empty(_tracker.Active);
    }

    [Fact]
    public void Alarm_is_on_while_any_window_is_above_and_says_since_when_each_is()
    {
        Note("20ms/10ms", 10, 1.5);
        Note("80ms/10ms", 30, 1.5);
        Note("20ms/10ms", 20, 3);
        Assert.Equal([("20ms", 10, 20), ("80ms", 30, 30)], Above());

        Assert.Empty(Note("20ms/10ms", 40, 0.5));
        Assert.Equal([("80ms", 30, 30)], Above());
        Note("20ms/10ms", 50, 1.5);

        Assert.Equal([("80ms", 30, 30), ("20ms", 50, 50)], Above());
        Assert.Equal(["20ms", "80ms"], Assert.Single(_tracker.Active).Windows);
    }

    /// <summary>
    /// Costs of σ² = 100 about 1, and a threshold of 1.2 over 4,000: .2²/200 · 4,000 = .8 nats begin an alarm and end it, for an effect of
    /// .02 is .02²/200 nats a label. A thousand labels at 1 are .6/160 · (1.3 − 1) · 1,000 = 1.1 nats likelier so than at 1.6.
    /// </summary>
    [Fact]
    public void An_alarm_of_a_mean_ends_by_the_nats_of_its_threshold_not_by_its_effect()
    {
        var tracker = new AlarmTracker([Given.Window("40ms/10ms")], minimumEvents: 100);
        Assert.Single(Look(tracker, 40, 1_000, [1_600, 1_600, 1_600, 1_600]));
        Assert.NotNull(Assert.Single(Look(tracker, 50, 1_000, [1_600, 1_600, 1_600, 1_000])).EndedMs);
    }

    /// <summary>Nobody was there to look for longer than any window is, and then for some panes there is nothing yet.</summary>
    [Fact]
    public void What_nobody_saw_is_no_time_without_events()
    {
        var tracker = new AlarmTracker([Given.Window("40ms/10ms"), Given.Window("400ms/10ms")], minimumEvents: 100);
        Assert.Single(Look(tracker, 40, 1_000, [1_600, 1_600, 1_600, 1_600]));
        Assert.Empty(Look(tracker, 600, 0, [0, 0, 0, 0]));
        Assert.Empty(Look(tracker, 610, 1_000, [0, 0, 0, 1_600]));
        Assert.Single(tracker.Active);
    }

    private static ImmutableArray<Alarm> Look(AlarmTracker tracker, long toMs, double events, double[] nats) => tracker.Note(new WindowLook(
        Series, AlarmKind.CrossEntropy, 0, toMs,
        [new(AlarmSeverity.Critical, Measure.CrossEntropyLabelTime, nats.Average() / Math.Max(1, events), 1.2, Budget)])
    {
        ReferenceId = "of",
        Panes = () => MeanDeparture.Panes(toMs, Given.Window("40ms/10ms"), [.. nats.Select(sum => sum > 0 ? events : 0)], nats),
        Departure = new MeanDeparture(1, 100, 1_000_000),
        SmallestEffect = 0.02,
    });

    /// <summary>
    /// <code>
    ///   end ms     40  50  60  70  80  90 100
    ///   20ms/10ms  –   ▲   ▲   ▲   ▲   ▲   ▲
    ///   80ms/40ms  –               ▲               below until 80, so it confirms from then on
    /// </code>
    /// </summary>
    [Fact]
    public void A_longer_window_that_was_below_before_anything_was_above_confirms_no_fixed_threshold()
    {
        ImmutableArray<WindowSpec> windows = [Given.Window("20ms/10ms"), Given.Window("80ms/40ms")];
        var tracker = new AlarmTracker(windows, minimumEvents: 100);
        Assert.Empty(Note(0, 40, 0.5));
        Assert.Empty(Note(1, 40, 0.5));
        Assert.All([50, 60, 70, 80], toMs => Assert.Empty(Note(0, toMs, 2)));
        Assert.Empty(Note(1, 80, 2));
        Assert.Empty(Note(0, 90, 2));
        Assert.Equal(100, Assert.Single(Note(0, 100, 2)).BeganMs);

        ImmutableArray<Alarm> Note(int window, long toMs, double nats) => tracker.Note(new WindowLook(
            Series, AlarmKind.OutputDrift, window, toMs, [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, nats, 1, null)]));
    }

    [Fact]
    public void A_window_that_has_no_threshold_yet_says_nothing()
    {
        Note("20ms/10ms", 10, 1.5);
        for (var toMs = 20; toMs <= 60; toMs += 10)
        {
            Assert.Empty(Note(AlarmKind.OutputDrift, Given.Window("20ms/10ms"), toMs, []));
        }

        Assert.NotNull(Assert.Single(Note("20ms/10ms", 70, 0.5)).EndedMs);
    }

    [Fact]
    public void An_alarm_of_a_window_that_is_never_ready_again_ends_when_no_window_reaches_back_to_it()
    {
        Note("20ms/10ms", 10, 1.5);
        for (var toMs = 20; toMs <= 80; toMs += 10)
        {
            Assert.Empty(Note(AlarmKind.OutputDrift, Given.Window("20ms/10ms"), toMs, [], isReady: false));
        }

        Assert.NotNull(Assert.Single(Note(AlarmKind.OutputDrift, Given.Window("20ms/10ms"), 90, [], isReady: false)).EndedMs);
    }

    [Theory]
    [InlineData(true, "r", false)] // its threshold is being worked out
    [InlineData(false, null, false)] // nobody knows the references yet
    [InlineData(false, "r", true)]
    public void An_alarm_of_a_budget_that_has_no_threshold_any_more_ends(bool isPending, string? reference, bool ends)
    {
        Note(AlarmKind.OutputDrift, Windows[0], 10, [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, 2, 1, Budget)], reference: "r");
        var changes = _tracker.Note(new WindowLook(Series, AlarmKind.OutputDrift, 0, 20, [])
        {
            IsReady = true,
            IsPending = isPending,
            HasPanes = false,
            ReferenceId = reference,
        });
        Assert.Equal(ends, changes.Any(change => change.EndedMs == 20));
        Assert.Equal(!ends, _tracker.Active.Any());
    }

    [Fact]
    public void What_was_not_ready_for_a_predecessor_is_decided_when_it_is()
    {
        Reading[] above = [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, 2, 1, Budget)];
        Note(AlarmKind.OutputDrift, Windows[0], 10, above);
        Note(AlarmKind.OutputDrift, Windows[1], 20, [], isReady: false);
        var saved = _tracker.Save("m");
        Assert.True(_tracker.Restore(saved));
        Note(AlarmKind.OutputDrift, Windows[1], 20, above);
        Assert.Equal(["20ms", "40ms"], Assert.Single(_tracker.Active).Windows);
    }

    /// <summary>A day's window ends before the slide of five minutes by which the alarm began.</summary>
    [Fact]
    public void No_alarm_ends_before_it_began()
    {
        Reading[] above = [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, 2, 1, Budget)];
        Note(AlarmKind.OutputDrift, Windows[0], 30, above, "r");
        Assert.Equal(30, Assert.Single(Note(AlarmKind.OutputDrift, Windows[2], 20, [], "other")).EndedMs);
    }

    [Fact]
    public void Severities_and_kinds_have_alarms_of_their_own()
    {
        Reading[] readings = [
            new(AlarmSeverity.Warning, Measure.PolicyKlK1, 2, 1, Budget), new(AlarmSeverity.Critical, Measure.PolicyKlK1, 2, 1.5, Budget)];
        Assert.Equal(2, Note(AlarmKind.OutputDrift, Given.Window("20ms/10ms"), 10, readings).Length);
        Assert.Equal(2, Note(AlarmKind.PolicyKl, Given.Window("20ms/10ms"), 10, readings).Length);
        Assert.Equal(4, _tracker.Active.Count());
    }

    [Fact]
    public void A_drift_from_another_reference_is_another_alarm()
    {
        var spec = Given.Window("80ms/10ms");
        Reading[] above = [new(AlarmSeverity.Critical, Measure.PolicyKlK1, 2, 1, Budget)];
        Note(AlarmKind.OutputDrift, spec, 10, above, "old");

        var changes = Note(AlarmKind.OutputDrift, spec, 20, above, "new");

        Assert.Equal(
            [("old", 10, 20L), ("new", 20, null)], changes.Select(alarm => (alarm.ReferenceId!, (int)alarm.BeganMs, alarm.EndedMs)));
        Assert.Equal("new", Assert.Single(_tracker.Active).ReferenceId);
        Assert.Empty(Note(AlarmKind.OutputDrift, spec, 30, [])); // not ready, and not another one
        // an alarm is over though nothing is above
        Assert.NotNull(Assert.Single(Note(AlarmKind.OutputDrift, spec, 40, [], "newer")).EndedMs);
    }

    [Fact]
    public void A_divergence_that_is_above_tells_more_than_a_CUSUM_that_is_many_times_above()
    {
        Reading Cusum(double nats) => new(AlarmSeverity.Critical, Measure.CusumLiveVsReference, nats, 0.1, Budget);
        Reading Kl(double nats) => new(AlarmSeverity.Critical, Measure.KlLiveVsReference, nats, 1, Budget);
        var spec = Given.Window("80ms/10ms");
        Note(AlarmKind.OutputDrift, spec, 10, [Kl(0.9), Cusum(1)]);
        Assert.Equal(Measure.CusumLiveVsReference, Assert.Single(_tracker.Active).Peak.Measure); // the divergence is not above

        Note(AlarmKind.OutputDrift, spec, 20, [Kl(2), Cusum(9)]);
        Note(AlarmKind.OutputDrift, spec, 30, [Kl(0.9), Cusum(20)]);

        Assert.Equal(
            (Measure.KlLiveVsReference, 2, 20),
            (
                Assert.Single(_tracker.Active).Peak.Measure, Assert.Single(_tracker.Active).Peak.Value,
                Assert.Single(_tracker.Active).PeakMs));
    }

    [Fact]
    public void A_calibrated_threshold_has_an_alarm_of_its_own_beside_a_fixed_one_that_is_exceeded_by_more()
    {
        var begun = Assert.Single(Both(10));
        Assert.Equal((true, Measure.PolicyKlK2), (begun.Calibrated, begun.Peak.Measure));
        Assert.Empty(Both(20));

        var held = Assert.Single(Both(30)); // for the shortest window's length
        Assert.Equal((false, Measure.PolicyKlK1, 30), (held.Calibrated, held.Peak.Measure, held.BeganMs));
        Assert.Equal(2, _tracker.Active.Count());

        IEnumerable<Alarm> Both(long toMs) =>
        [
            .. Look(toMs, new(AlarmSeverity.Critical, Measure.PolicyKlK1, 9, 1, null)),
            .. Look(toMs, new(AlarmSeverity.Critical, Measure.PolicyKlK2, 2, 1, Budget)),
        ];

        ImmutableArray<Alarm> Look(long toMs, Reading reading) => _tracker.Note(
            new WindowLook(Series, AlarmKind.PolicyKl, 0, toMs, [reading])
            {
                HasPanes = false,
                Stream = Measures.StreamOf(reading.Measure),
            });
    }

    /// <summary>As labels by two times, whose windows are above at different times.</summary>
    [Fact]
    public void A_window_that_one_of_two_streams_is_above_over_stays_above_when_the_other_is_below()
    {
        for (var toMs = 10; toMs <= 50; toMs += 10)
        {
            Note(0, toMs, 2);
            Note(1, toMs, 2);
        }

        Note(1, 60, 0.5);

        Assert.Equal([("20ms", 50)], Assert.Single(_tracker.Active).Above.Select(above => (above.Window.Name, (int)above.LastMs)));

        void Note(int stream, long toMs, double value) => _tracker.Note(
            new WindowLook(
                Series, AlarmKind.CrossEntropy, 0, toMs,
                [new(AlarmSeverity.Critical, Measure.CrossEntropyLabelTime, value, 1, null)])
            { Stream = stream });
    }

    [Fact]
    public void What_is_forgotten_ends_unsaid_and_the_rest_stays()
    {
        Note("20ms/10ms", 10, 1.5);
        Note(AlarmKind.CrossEntropy, Given.Window("20ms/10ms"), 10, [new(AlarmSeverity.Warning, Measure.PolicyKlK1, 2, 1, Budget)]);

        _tracker.Forget((series, kind) => series == Series && kind == AlarmKind.OutputDrift);

        Assert.Equal(AlarmKind.CrossEntropy, Assert.Single(_tracker.Active).Kind);
    }

    /// <summary>Without its thresholds for a while, as of a successor that has not read them yet.</summary>
    [Fact]
    public void A_fixed_threshold_tells_nothing_while_an_alarm_by_a_budget_is_on()
    {
        Note("20ms/10ms", 10, 1.5);
        for (var toMs = 20; toMs <= 200; toMs += 10)
        {
            Assert.Empty(Fixed(toMs));
        }

        Assert.Equal([true], _tracker.Active.Select(alarm => alarm.Calibrated));
        Assert.Single(Note("20ms/10ms", 220, 0.5)); // it ends
        Assert.Empty(Fixed(230));
        Assert.Empty(Fixed(240));
        Assert.False(Assert.Single(Fixed(250)).Calibrated); // and now nothing else tells of what lasts

        ImmutableArray<Alarm> Fixed(long toMs) => Note(
            AlarmKind.OutputDrift, Given.Window("20ms/10ms"), toMs,
            [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, 1.5, 1, null)]);
    }

    /// <summary>From a cold start: by the fixed threshold first, and by the budget's once it has been worked out.</summary>
    [Theory]
    [InlineData(true)] // the drift goes on
    [InlineData(false)] // it is over
    public void An_alarm_by_a_fixed_threshold_is_over_when_a_budgets_has_come(bool isAbove)
    {
        Look(10, isCalibrated: false, 1.5);
        Look(20, isCalibrated: false, 1.5);
        Assert.False(Assert.Single(Look(30, isCalibrated: false, 1.5)).Calibrated);

        var changes = Look(30, isCalibrated: true, isAbove ? 1.5 : 0.5);

        Assert.Equal(
            isAbove ? [(false, 30L), (true, null)] : [(false, (long?)30L)], changes.Select(alarm => (alarm.Calibrated, alarm.EndedMs)));
        Assert.Equal(isAbove ? [true] : [], _tracker.Active.Select(alarm => alarm.Calibrated));
    }

    [Fact]
    public void An_alarm_by_a_fixed_threshold_that_is_no_longer_there_is_over()
    {
        Look(10, isCalibrated: false, 1.5);
        Look(20, isCalibrated: false, 1.5);
        Look(30, isCalibrated: false, 1.5);
        Assert.Equal(40, Assert.Single(_tracker.Note(Ready(40, []))).EndedMs);
    }

    private ImmutableArray<Alarm> Look(long toMs, bool isCalibrated, double nats) => _tracker.Note(
        Ready(toMs, [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, nats, 1, isCalibrated ? Budget : null)]));

    private static WindowLook Ready(long toMs, Reading[] readings) =>
        new(Series, AlarmKind.OutputDrift, 0, toMs, readings) { HasPanes = false, IsReady = true };

    private ImmutableArray<Alarm> Note(string window, long toMs, double nats) => Note(
        AlarmKind.OutputDrift, Given.Window(window), toMs, [new(AlarmSeverity.Critical, Measure.KlLiveVsReference, nats, 1, Budget)]);

    /// <summary>Of windows that keep no panes.</summary>
    private ImmutableArray<Alarm> Note(
        AlarmKind kind, WindowSpec window, long toMs, Reading[] readings, string? reference = null, bool isReady = true) =>
        _tracker.Note(new WindowLook(Series, kind, Windows.IndexOf(window), toMs, readings)
        {
            IsReady = isReady,
            HasPanes = false,
            ReferenceId = reference,
        });

    private IEnumerable<(string Window, long SinceMs, long LastMs)> Above() =>
        Assert.Single(_tracker.Active).Above.Select(above => (above.Window.Name, above.SinceMs, above.LastMs));
}
