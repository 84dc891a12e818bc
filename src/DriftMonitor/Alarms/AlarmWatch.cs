using System.Text.Json;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>Decides when alarms begin and end, by the latest window of each series: what the service and <c>backtest</c> share.</summary>
/// <remarks>
/// Only ready windows can raise an alarm, and of labels and policies only those with enough events. Windows of one end come from the
/// shortest to the longest. Used by one thread.
/// </remarks>
/// <param name="thresholds">Where thresholds come from.</param>
/// <param name="evaluator">Evaluates what is left of a window when some of its panes are used up.</param>
public sealed class AlarmWatch(ThresholdsInForce thresholds, DriftEvaluator evaluator)
{
    private const string RestOf = "rest of "; // and a class space: what is live has no id

    private readonly AlarmTracker _tracker = new(thresholds.Windows, thresholds.MinimumEvents);
    private readonly Departures _departures = new(evaluator.Settings.PseudoEvents);

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _tracker.Active;

    /// <summary>Those of a model.</summary>
    public IEnumerable<Alarm> ActiveOf(string model) => _tracker.ActiveOf(model);

    /// <summary>Those of a series.</summary>
    public IEnumerable<Alarm> ActiveOf(SeriesKey series) => _tracker.ActiveOf(series);

    /// <summary>The windows that are decided by what is left of them, in no order.</summary>
    public IEnumerable<LeftOut> LeftOut => _tracker.LeftOut;

    /// <summary>Those of a series.</summary>
    public IEnumerable<LeftOut> LeftOutOf(SeriesKey series) => _tracker.LeftOutOf(series);

    /// <summary>Takes a window's report in; again when its readings are others.</summary>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(JudgedReport judged)
    {
        var report = judged.Report;
        var (series, window) = (report.Window.Series, report.Window);
        var place = thresholds.Windows.IndexOf(window.Window);
        var changes = _tracker.Note(new WindowLook(series, AlarmKind.OutputDrift, place, window.ToMs, report.Ready ? judged.Drift : [])
        {
            IsReady = report.Ready && report.Divergences is not null,
            IsPending = judged.IsPending,
            IsOver = window is { Complete: true, Rest: { Complete: true } rest } && (window.Events == 0 || rest.Events == 0),
            ReferenceId = report.Readiness == Readiness.Failed ? null
                : window.Rest is not null ? RestOf + window.Classes.SpaceId
                : report.Reference?.Id ?? thresholds.ReferenceId(series, window.Classes.SpaceId),
            Panes = () => window.Rest is not null ? RestDeparture.Panes(window)
                : window is { Complete: true, Panes: { } panes }
                    ? new PaneRun(window.FromMs, window.Window.SlideMs, panes.Cells, panes.Mass)
                    : null,
            Departure = _departures.Of(report),
            Judge = counted => Left(report, counted)?.Drift ?? [],
            HasPanes = window.KeptCells is null,
            Effect = report.Divergences is { NoiseFloorNats: not double.NaN } found
                ? found.KlLiveVsReferenceNats - found.NoiseFloorNats
                : null,
            SmallestEffect = thresholds.SmallestEffect(series.Model).KlNats,
        });
        if (!judged.Dispersion.IsEmpty || _tracker.Knows(series, AlarmKind.Dispersion))
        {
            changes = [.. changes, .. Dispersion(judged, place)];
        }

        return judged.Policy.IsEmpty && !_tracker.Knows(series, AlarmKind.PolicyKl)
            ? changes
            : [.. changes, .. Policies(judged, place)];
    }

    /// <inheritdoc cref="Note(JudgedReport)"/>
    /// <remarks>
    /// Only the labels' own time decides, as in <c>backtest</c>: panes by the predictions' time are filled for as long as labels come, and
    /// would have been looked at before.
    /// </remarks>
    public ImmutableArray<Alarm> Note(JudgedLabels judged)
    {
        var (window, measures) = (judged.Window, judged.Window.Measures);
        if (!judged.Decides)
        {
            return [];
        }

        return
        [
            .. Labels(
                judged, AlarmKind.CrossEntropy, Measures.CrossEntropy(window.Attribution), measures.CrossEntropyNats,
                panes => panes.CrossEntropyNats, all => all.CrossEntropy),
            .. Labels(
                judged, AlarmKind.Accuracy, Measures.ErrorRatio(window.Attribution), measures.ErrorRatio, panes => panes.Errors,
                all => all.Errors),
        ];
    }

    private ImmutableArray<Alarm> Labels(
        JudgedLabels judged, AlarmKind kind, Measure measure, double? mean, Func<PaneCosts, double[]> sums,
        Func<JudgedLabels, ImmutableArray<Reading>> readings)
    {
        var window = judged.Window;
        var isReady = window.Complete && window.Measures.Events >= thresholds.MinimumEvents;
        var look = new WindowLook(
            window.Series, kind, thresholds.Windows.IndexOf(window.Window), window.ToMs, isReady ? readings(judged) : [])
        {
            IsReady = isReady,
            IsPending = judged.IsPending,
            Panes = () => window.Panes?.Invoke() is { } panes
                ? MeanDeparture.Panes(window.ToMs, window.Window, panes.Events, sums(panes))
                : null,
            Judge = counted => window.Panes?.Invoke() is { } panes
                ? readings(thresholds.Judge(Left(window, panes, counted), LeftMs(window.Window, counted)))
                : [],
        };
        return _tracker.Note(Mean(look, measure, mean));
    }

    /// <summary>What alarms of a model have reported, so that longer windows of the series leave it out, in no order.</summary>
    public IEnumerable<ReportedInterval> Reported(string model) => _tracker.Reported(model);

    /// <summary>
    /// What was decided of a model's alarms, as JSON: whoever goes on from it by <see cref="Restore"/> decides as this one would have.
    /// </summary>
    public JsonElement Save(string model) => _tracker.Save(model).ToJson();

    /// <summary>
    /// Goes on from what a predecessor decided: its alarms are on here as they were there, and neither begin nor end by that. To be called
    /// before any window of the model is taken in. Slides that were decided already may be taken in once more.
    /// </summary>
    /// <param name="saved">What <see cref="Save"/> gave.</param>
    /// <returns>Whether it did: not where other windows were decided.</returns>
    /// <exception cref="JsonException">It is of another version, or nothing that was saved.</exception>
    public bool Restore(JsonElement saved) => _tracker.Restore(AlarmStates.Of(saved));

    /// <summary>Forgets what is no longer followed.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone) => _tracker.Forget(gone);

    private IEnumerable<Alarm> Policies(JudgedReport judged, int place)
    {
        var report = judged.Report;
        return Enum.GetValues<PolicyEstimate>().SelectMany(estimate =>
        {
            var isReady = report.Ready && report.Window.Policy?.EventsOf(estimate) >= thresholds.MinimumEvents;
            var measure = Measures.Of(estimate);
            var readings = judged.Policy.RemoveAll(reading => reading.Measure != measure);
            return _tracker.Note(Mean(
                new WindowLook(report.Window.Series, AlarmKind.PolicyKl, place, report.Window.ToMs, isReady ? readings : [])
                {
                    IsReady = isReady,
                    IsPending = judged.IsPending,
                    Panes = () => PanesOf(report, estimate),
                    Judge = counted => Left(report, counted)?.Policy.RemoveAll(reading => reading.Measure != measure) ?? [],
                    HasPanes = report.Window.KeptCells is null,
                },
                measure, report.Window.Policy?.Mean(estimate)));
        });
    }

    private IEnumerable<Alarm> Dispersion(JudgedReport judged, int place)
    {
        var (report, window) = (judged.Report, judged.Report.Window);
        return Measures.OfDispersion.SelectMany(measure =>
        {
            var isReady = report.Ready && report.Dispersion.Events >= thresholds.MinimumEvents;
            var readings = judged.Dispersion.RemoveAll(reading => reading.Measure != measure);
            return _tracker.Note(Mean(
                new WindowLook(window.Series, AlarmKind.Dispersion, place, window.ToMs, isReady ? readings : [])
                {
                    IsReady = isReady,
                    IsPending = judged.IsPending,
                    Panes = () => window is { Complete: true, Panes: { } panes } && report.Dispersion.ReferenceNats is { } was
                        ? MeanDeparture.Panes(
                            window.ToMs, window.Window, [.. panes.Entropy.Select(pane => (double)pane.Events)],
                            [.. panes.Entropy.Select(pane => ShiftOfPane(pane, was, measure))])
                        : null,
                    Judge = counted => Left(report, counted)?.Dispersion.RemoveAll(reading => reading.Measure != measure) ?? [],
                    HasPanes = window.KeptCells is null,
                },
                measure, Measures.ShiftOf(measure, report.Dispersion)));
        });
    }

    private static double ShiftOfPane(EntropySums pane, double was, Measure measure)
    {
        var risen = ((double)pane.Units * FixedPoint.Unit) - (pane.Events * was);
        return measure == Measure.EntropyFall ? -risen : risen;
    }

    private WindowLook Mean(WindowLook look, Measure measure, double? mean)
    {
        var (baseline, effect) = (
            thresholds.Baseline(look.Series, measure), thresholds.SmallestEffect(look.Series.Model).Of(look.Kind));
        return look with
        {
            Stream = Measures.StreamOf(measure),
            ReferenceId = thresholds.ReferenceId(look.Series.Model),
            Departure = baseline is null ? null : _departures.Of(baseline, effect),
            Effect = baseline is null ? null : mean - baseline.Mean,
            SmallestEffect = effect,
        };
    }

    private static PaneRun? PanesOf(DriftReport report, PolicyEstimate estimate)
    {
        if (report.Window is not { Complete: true, Panes: { } panes })
        {
            return null;
        }

        double[] events = [.. panes.Policy.Select(pane => (double)(pane?.EventsOf(estimate) ?? 0))];
        double[] sums = [.. panes.Policy.Select((pane, i) => events[i] > 0 ? events[i] * pane!.Mean(estimate)!.Value : 0)];
        return MeanDeparture.Panes(report.Window.ToMs, report.Window.Window, events, sums);
    }

    /// <summary>What is left of a window; null if it is too little.</summary>
    private JudgedReport? Left(DriftReport report, bool[] counted)
    {
        var panes = report.Window.Panes!.Of(counted);
        var left = evaluator.Evaluate(
            report.Window with
            {
                Panes = panes,
                Events = panes.Events.Sum(),
                Mass = panes.Total(),
                Trailing = null,
                Rest = report.Window.Rest?.Of(counted),
                Policy = panes.TotalPolicy(),
                Entropy = panes.TotalEntropy(),
            },
            report.Reference);
        return left.Ready ? thresholds.Judge(left, LeftMs(report.Window.Window, counted)) : null;
    }

    private static long LeftMs(WindowSpec window, bool[] counted) => counted.Count(counts => counts) * window.SlideMs;

    private static FeedbackWindow Left(FeedbackWindow window, PaneCosts panes, bool[] counted)
    {
        var (events, nats, errors) = (0.0, 0.0, 0.0);
        for (var pane = 0; pane < counted.Length; pane++)
        {
            events += counted[pane] ? panes.Events[pane] : 0;
            nats += counted[pane] ? panes.CrossEntropyNats[pane] : 0;
            errors += counted[pane] ? panes.Errors[pane] : 0;
        }

        return window with
        {
            Measures = window.Measures with
            {
                Events = (long)events,
                CrossEntropyNats = events > 0 ? nats / events : null,
                AccuracyRatio = events > 0 ? 1 - (errors / events) : null,
            },
        };
    }
}
