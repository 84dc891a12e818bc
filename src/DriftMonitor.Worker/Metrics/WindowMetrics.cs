using System.Diagnostics.Metrics;
using DriftMonitor.Worker.State;
using DoubleMeasurement = System.Diagnostics.Metrics.Measurement<double>;
using LongMeasurement = System.Diagnostics.Metrics.Measurement<long>;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The instruments of windows, their evaluation and their alarms. Thread-safe.</summary>
internal sealed class WindowMetrics
{
    private static readonly double[] DurationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly KeyValuePair<string, object?>[] RefusalReasons =
        [.. Enum.GetNames<RegisterRefusal>().Select(reason => Instruments.Label("reason", reason))];

    private readonly ReportStore _reports;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _evaluationDuration;
    private readonly long[] _eventsRefused = new long[RefusalReasons.Length];
    private long _evaluations;
    private long _evaluationFailures;
    private double _lastEvaluationSeconds = double.NaN;
    private long _settledMs;
    private int _restored;

    public WindowMetrics(Instruments instruments, MonitorState state, TimeProvider time)
    {
        (_reports, _time) = (state.Reports, time);
        Points(
            "kl_divergence_nats", "nats",
            "KL divergence between the live window and the reference, in the direction that the label `direction` names.",
            KlDivergences, 2);
        Points(
            "kl_divergence_threshold_nats", "nats", "Threshold of the KL divergence for an alarm of this severity.",
            w => ThresholdSeries.OfKl(w.Labels, w.Now.Judged.Drift), 4);
        Gauge(
            "drift_cusum_nats", "nats",
            "CUSUM: persistent drift from the reference, accumulated over the live window's panes; only with a false-alarm budget.",
            w => w.Now.Report.Divergences?.CusumNats);
        Points(
            "drift_cusum_threshold_nats", "nats", "Threshold of the CUSUM of drift for an alarm of this severity.",
            w => ThresholdSeries.OfCusum(w.Labels, w.Now.Judged.Drift), 2);
        Points(
            "policy_kl_threshold_nats", "nats",
            "Threshold of the KL divergence between a policy and its reference policy for an alarm of this severity.",
            w => ThresholdSeries.OfPolicy(w.Labels, w.Now.Judged.Policy), 4 * WindowSeries.PolicyEstimates);
        Gauge(
            "kl_divergence_noise_floor_nats", "nats",
            "Average KL divergence that sampling alone causes without drift, for the event counts of window and reference.",
            w => w.Now.Report.Divergences?.NoiseFloorNats);
        Points(
            "trailing_kl_divergence_nats", "nats",
            "KL divergence between the live window and the one just before it, in the direction that the label `direction` names.",
            TrailingDivergences, 2);
        Gauge(
            "trailing_kl_divergence_noise_floor_nats", "nats",
            "Average KL divergence that sampling alone causes between the live window and the one just before it, for the event counts "
            + "of both.",
            w => w.Now.Report.Trailing?.NoiseFloorNats);
        Gauge(
            "trailing_window_events", null, "Events in the window just before the live one that have a distribution over classes.",
            w => w.Now.Report.Trailing?.Events);
        Gauge(
            "trailing_window_ready", null,
            "1 when the live window and the one just before it are complete, each with enough events, else 0.",
            w => w.Now.Report.Trailing is { } trailing ? trailing.Ready ? 1 : 0 : null);
        Gauge(
            "js_divergence_nats", "nats",
            "Jensen-Shannon divergence between the live window and the reference, at most ln 2 (for multilabel models, per class).",
            w => w.Now.Report.Divergences?.JensenShannonNats);
        Gauge("psi", null, "Population stability index: the sum of both KL divergences.", w => w.Now.Report.Divergences?.Psi);
        Gauge("entropy_nats", "nats", "Entropy of the live window's mean output distribution.", w => w.Now.Report.EntropyNats);
        Gauge(
            "mean_entropy_nats", "nats", "Mean entropy of the live window's single outputs: how unsure they are.",
            w => w.Now.Report.Dispersion.LiveNats);
        Gauge(
            "mean_entropy_noise_floor_nats", "nats",
            "Average absolute difference between the window's and the reference's mean entropy that sampling alone causes, for the "
            + "event counts of both.",
            w => w.Now.Report.Dispersion.NoiseFloorNats);
        Points(
            "mean_entropy_shift_nats", "nats",
            "Rise or fall (by label `direction`) of the mean entropy of single outputs against the reference; negative if it "
            + "moved the other way.",
            EntropyShifts, 2);
        Points(
            "mean_entropy_shift_threshold_nats", "nats",
            "Threshold of the rise or fall of the mean entropy of single outputs against the reference, for an alarm of this severity.",
            w => ThresholdSeries.OfDispersion(w.Labels, w.Now.Judged.Dispersion), 4);
        Gauge(
            "unseen_mass_ratio", null, "Share of the live window's mass in classes that the reference never saw.",
            w => w.Now.Report.Divergences?.UnseenMassRatio);
        Gauge("window_events", null, "Events in the live window that have a distribution over classes.", w => w.Now.Report.Window.Events);
        Gauge(
            "window_ready", null, "1 when the window is complete and has enough events to raise an alarm, else 0.",
            w => w.Now.Report.Ready ? 1 : 0);
        Gauge("window_end_timestamp_seconds", "s", "Event time that the live window ends at.", w => w.Now.Report.Window.ToMs / 1000.0);
        Points(
            "policy_kl_nats", "nats",
            "Mean KL divergence between the two policies of an output, in the direction that the label `direction` names. Label "
            + "`estimator`: `exact` for full distributions; Schulman's `k1`, `k2` and `k3` for log-probabilities of sampled actions or "
            + "tokens.",
            w => Policies(w, p => p.Nats), WindowSeries.PolicyEstimates);
        Points(
            "policy_kl_stderr_nats", "nats", "Standard error of the mean KL divergence between the two policies.",
            w => Policies(w, p => p.StandardErrorNats), WindowSeries.PolicyEstimates);
        Gauge(
            "policy_events", null, "Events in the live window that have the probabilities of two policies.",
            w => w.Now.Report.Window.Policy?.Events);
        Gauge(
            "policy_clamped_events", null,
            "Events of `policy_events` whose log probability ratio was limited to the range -20 to 20. The mean understates their "
            + "divergence (the estimator k1 can also overstate it).",
            w => w.Now.Report.Window.Policy?.ClampedEvents);
        instruments.Gauge("window_length_seconds", "s", "Length of the windows of that name.", state.Reports.WindowLabels, WindowLengths);
        instruments.Gauge(
            "kl_contribution_nats", "nats",
            "Contribution of a class to the KL divergence, in nats: positive if the live window has more of the class (for "
            + "multilabel models, never negative). `__rest__` is the sum of all other classes.",
            state.Reports.ClassLabels, Contributions);
        instruments.Gauge(
            "class_share_ratio", null,
            "Share of a class in the live window or in the reference (label `distribution`), smoothed as for the divergence; only for "
            + "the classes that contribute most.",
            state.Reports.ClassLabels, ClassShares, 2);
        OfAlarm(
            "alarm_active", null,
            "1 while an alarm is on that fires an alert; absent for an alarm that another alarm explains. `window` is the window that "
            + "started the alarm.",
            _ => 1);
        OfAlarm(
            "alarm_began_timestamp_seconds", "s", "Event time at which the alarm began.", alarm => alarm.BeganMs / 1000.0);
        OfAlarm(
            "alarm_onset_timestamp_seconds", "s", "Event time at which the drift of the alarm began; absent if the data do not show it.",
            alarm => alarm.OnsetMs / 1000.0);
        OfAlarm(
            "alarm_onset_at_least", null, "1 if the onset is the start of the window, so that the drift may be older; else 0.",
            alarm => alarm.OnsetMs is null ? null : alarm.IsOnsetAtLeast ? 1 : 0);
        OfAlarm(
            "alarm_peak_ratio", null,
            "Highest ratio of the alarm's value to its threshold. For accuracy: the error rate divided by the error rate at the "
            + "threshold. The ratio of a CUSUM is used only until a divergence exceeds its own threshold.",
            alarm => alarm.Peak.Ratio);
        OfAlarm(
            "alarm_peak_timestamp_seconds", "s", "Event time of the alarm's highest ratio.", alarm => alarm.PeakMs / 1000.0);
        instruments.Gauge(
            "alarm_left_out_seconds", "s",
            "Seconds of the window that alarm decisions ignore, because other alarms have already reported the drift in them; "
            + "absent if none.",
            state.LeftOut.LabelSets,
            () => state.LeftOut.All.Select(shown => new DoubleMeasurement(shown.Value.Ms / 1000.0, shown.Labels)));
        instruments.Gauge(
            "alarm_decided_value", null,
            "The measure over the part of the window that is not ignored (see driftmonitor_alarm_left_out_seconds): this value is "
            + "compared with the threshold. In the measure's unit; absent if nothing is ignored.",
            state.LeftOut.LabelSets,
            () => from shown in state.LeftOut.All
                  from reading in shown.Value.Decided
                  select new DoubleMeasurement(
                      reading.Value, [shown.Labels[0], new("measure", Measures.NameOf(reading.Measure)), .. shown.Labels[1..]]),
            WindowSeries.PolicyEstimates);
        instruments.Gauge(
            "last_evaluation_timestamp_seconds", "s", "When windows were last evaluated.", instruments.StateLabels,
            () => [new(Volatile.Read(ref _lastEvaluationSeconds))]);
        instruments.Gauge(
            "owned_windows", null,
            "Windows of outputs that this replica owns and exports. All windows of one model are on the same replica.",
            instruments.StateLabels, () => [new(_reports.Count)]);
        instruments.Gauge(
            "state_restored", null,
            "1 when this replica is in its group and the windows of every partition that it owns have been rebuilt, else 0.",
            instruments.StateLabels, () => [new(Volatile.Read(ref _restored))]);
        instruments.Gauge(
            "settled_timestamp_seconds", "s",
            "Event time before which every source partition has closed all panes, so that they are final.", instruments.StateLabels,
            () => Volatile.Read(ref _settledMs) is var ms && ms > 0 ? [new(ms / 1000.0)] : []);
        instruments.Counter(
            "events_refused_total",
            "Predictions that were accepted when they were read but are in no window, by reason. A prediction with a segment or a "
            + "version may be counted several times: for all traffic, for its segment and for its version.",
            () => RefusalReasons.Select((reason, i) => new LongMeasurement(Volatile.Read(ref _eventsRefused[i]), reason)));
        instruments.Counter(
            "evaluations_total", "Windows evaluated, including those without a reference and those whose evaluation failed.",
            () => Volatile.Read(ref _evaluations));
        instruments.Counter(
            "evaluation_failures_total", "Evaluations that ended in an error.", () => Volatile.Read(ref _evaluationFailures));
        _evaluationDuration = instruments.Histogram(
            "evaluation_duration_seconds", "Time to evaluate the windows of one slide.", DurationBuckets);

        void OfAlarm(string name, string? unit, string help, Func<Alarm, double?> value) => instruments.Gauge(
            name, unit, help, state.Alarms.LabelSets,
            () => from shown in state.Alarms.All
                  let number = value(shown.Value)
                  where number is not null
                  select new DoubleMeasurement(number.Value, shown.Labels));

        void Gauge(string name, string? unit, string help, Func<WindowSeries, double?> value) =>
            Points(name, unit, help, window => value(window) is { } number ? [new(number, window.Labels)] : [], 1);

        void Points(string name, string? unit, string help, Func<WindowSeries, IEnumerable<DoubleMeasurement>> measure, int pointsEach) =>
            instruments.Gauge(name, unit, help, _reports.WindowLabels, () => Windows().SelectMany(measure), pointsEach);
    }

    /// <summary>Counts windows that were evaluated together.</summary>
    public void CountEvaluations(long windows, TimeSpan duration)
    {
        Interlocked.Add(ref _evaluations, windows);
        Volatile.Write(ref _lastEvaluationSeconds, _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _evaluationDuration.Record(duration.TotalSeconds);
    }

    /// <summary>Counts an evaluation that ended in an error.</summary>
    public void CountEvaluationFailure() => Interlocked.Increment(ref _evaluationFailures);

    /// <summary>Counts events of a series that count in no window.</summary>
    public void CountRefused(RegisterRefusal reason, long events) => Interlocked.Add(ref _eventsRefused[(int)reason], events);

    /// <summary>Says whether all owned partitions' windows are rebuilt, and until when all their panes are final; null: unknown.</summary>
    public void SetRestored(bool restored, long? settledBeforeMs)
    {
        Volatile.Write(ref _restored, restored ? 1 : 0);
        Volatile.Write(ref _settledMs, settledBeforeMs ?? 0);
    }

    private static IEnumerable<DoubleMeasurement> KlDivergences(WindowSeries window)
    {
        if (window.Now.Report.Divergences is { } divergences)
        {
            yield return new DoubleMeasurement(divergences.KlLiveVsReferenceNats, window.LiveVsReference);
            yield return new DoubleMeasurement(divergences.KlReferenceVsLiveNats, window.ReferenceVsLive);
        }
    }

    /// <summary>Labels are made anew for each scrape, as those of thresholds.</summary>
    private static IEnumerable<DoubleMeasurement> TrailingDivergences(WindowSeries window)
    {
        if (window.Now.Report.Trailing is { } trailing)
        {
            yield return new DoubleMeasurement(trailing.KlLiveVsTrailingNats, [new("direction", "live_vs_trailing"), .. window.Labels]);
            yield return new DoubleMeasurement(trailing.KlTrailingVsLiveNats, [new("direction", "trailing_vs_live"), .. window.Labels]);
        }
    }

    /// <summary>Labels are made anew for each scrape, as those of thresholds.</summary>
    private static IEnumerable<DoubleMeasurement> EntropyShifts(WindowSeries window) =>
        from measure in Measures.OfDispersion
        let shift = Measures.ShiftOf(measure, window.Now.Report.Dispersion)
        where shift is not null
        select new DoubleMeasurement(shift.Value, [ThresholdSeries.DirectionOf(measure), .. window.Labels]);

    private static IEnumerable<DoubleMeasurement> Policies(WindowSeries window, Func<PolicyDivergence, double?> value) =>
        from divergence in window.Now.Report.Policy
        let number = value(divergence)
        where number is not null
        select new DoubleMeasurement(number.Value, window.LabelsOf(divergence.Estimate));

    private IEnumerable<DoubleMeasurement> WindowLengths() => Windows()
        .Select(window => window.Now.Report.Window.Window)
        .DistinctBy(window => window.Name)
        .Select(window => new DoubleMeasurement(window.LengthMs / 1000.0, new KeyValuePair<string, object?>("window", window.Name)));

    private IEnumerable<WindowSeries> Windows() => _reports.Windows.Where(window => _reports.WindowLabels.Shows(window.LabelNumber));

    private IEnumerable<DoubleMeasurement> Contributions() =>
        from window in _reports.Windows
        from contribution in window.Now.Contributions
        where _reports.ClassLabels.Shows(contribution.LabelNumber)
        select new DoubleMeasurement(contribution.Nats, contribution.Labels);

    /// <summary>Labels are made anew for each scrape, as those of thresholds.</summary>
    private IEnumerable<DoubleMeasurement> ClassShares()
    {
        foreach (var window in _reports.Windows)
        {
            foreach (var contribution in window.Now.Contributions)
            {
                if (contribution.Shares is var (live, reference) && _reports.ClassLabels.Shows(contribution.LabelNumber))
                {
                    yield return new DoubleMeasurement(
                        live, [new("class", contribution.Class), new("distribution", "live"), .. window.Labels]);
                    yield return new DoubleMeasurement(
                        reference, [new("class", contribution.Class), new("distribution", "reference"), .. window.Labels]);
                }
            }
        }
    }
}
