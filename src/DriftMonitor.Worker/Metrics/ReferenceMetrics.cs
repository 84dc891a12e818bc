using System.Diagnostics.Metrics;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The instruments of references, and of the thresholds that are worked out from them. Thread-safe.</summary>
internal sealed class ReferenceMetrics
{
    private static readonly double[] CalibrationBuckets = [0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];

    private readonly Histogram<double> _calibrationDuration;
    private long _calibrationFailures;

    public ReferenceMetrics(
        Instruments instruments, UsedReferences references, ThresholdsInForce thresholds, PendingCalibrations calibrations,
        KeptCalibrations kept)
    {
        Gauge("reference_info", null, "1 for the reference in use.", r => new(1, r.InfoLabels));
        Gauge("reference_events", null, "Events that the reference was built from.", r => new(r.Snapshot.All.Events, r.ModelLabel));
        Gauge(
            "reference_created_timestamp_seconds", "s", "When the reference in use was made.",
            r => new(r.Snapshot.CreatedAt.ToUnixTimeMilliseconds() / 1000.0, r.ModelLabel));
        Gauge(
            "reference_loaded_timestamp_seconds", "s", "When the reference in use was put into use.",
            r => new(r.LoadedSeconds, r.ModelLabel));
        instruments.Gauge(
            "reference_events_per_second", null,
            "Average number of events per second in the reference in use, over the time that it covers.",
            references.LabelSets, () => references.Showing.SelectMany(EventsPerSecond));
        Means(
            "reference_accuracy_ratio", null,
            "Share of the reference's labelled predictions that are right: in their most probable class, or for multilabel "
            + "models in every class.",
            reference => reference.AccuracyRatio);
        Means(
            "reference_cross_entropy_nats", "nats", "Mean cross-entropy of the reference's labels against their predictions.",
            reference => reference.Losses?.Mean);
        Means(
            "reference_mean_entropy_nats", "nats", "Mean entropy of the reference's single outputs.",
            reference => reference.Entropies?.Mean);
        instruments.Gauge(
            "reference_policy_kl_nats", "nats", "Mean KL divergence between the reference's two policies, by each estimate that it has.",
            references.LabelSets,
            () => from reference in references.Showing
                  from policy in reference.Snapshot.Policies
                  let labels = PolicyLabels.Of(Measures.Of(policy.Key))
                  select new Measurement<double>(
                      policy.Value.Mean,
                      [new("direction", labels.Direction), new("estimator", labels.Estimator), .. reference.ModelLabel]),
            WindowSeries.PolicyEstimates);
        instruments.Gauge(
            "references_refused", null,
            "References that are refused: files of the references directory, or records of the references topic (label `source`). A "
            + "directory or topic that cannot be read counts as one.",
            instruments.StateLabels,
            () =>
            [
                new(references.RefusedFiles, Instruments.Label("source", "directory")),
                new(references.RefusedRecords, Instruments.Label("source", "topic")),
            ]);
        instruments.Gauge(
            "false_alarm_budget_per_day", null,
            "False alarms per day that the model's budget allows on average, by severity; absent without a budget or a reference.",
            references.LabelSets, Budgets, 2);
        instruments.Gauge(
            "calibrations_pending", null,
            "Thresholds that have not been computed yet. Until the first threshold of a window is there, fixed thresholds apply to it.",
            instruments.StateLabels,
            () => [new(calibrations.Pending)]);
        instruments.Counter(
            "calibrations_total",
            "Calibrations (two for most windows), by source: `worked_out` by this replica, or `kept` from an earlier calibration, here "
            + "or on another replica.",
            () =>
            [
                new(kept.CountReused, Instruments.Label("source", "kept")),
                new(kept.CountWorkedOut, Instruments.Label("source", "worked_out")),
            ]);
        instruments.Counter(
            "calibration_failures_total", "Thresholds that could not be worked out.", () => Volatile.Read(ref _calibrationFailures));
        _calibrationDuration = instruments.Histogram(
            "calibration_duration_seconds", "Time to work out the thresholds of one window.", CalibrationBuckets);

        void Gauge(string name, string? unit, string help, Func<UsedReferences.Reference, Measurement<double>> measure) =>
            instruments.Gauge(name, unit, help, references.LabelSets, () => references.Showing.Select(measure));

        static IEnumerable<Measurement<double>> EventsPerSecond(UsedReferences.Reference reference) =>
            reference.Span is { } span ? [new(reference.Snapshot.All.Events / span.Whole.TotalSeconds, reference.ModelLabel)] : [];

        void Means(string name, string? unit, string help, Func<ReferenceSnapshot, double?> value) => instruments.Gauge(
            name, unit, help, references.LabelSets,
            () => references.Showing.SelectMany(
                r => value(r.Snapshot) is { } mean ? new Measurement<double>[] { new(mean, r.ModelLabel) } : []));

        IEnumerable<Measurement<double>> Budgets() =>
            from reference in references.Showing
            from severity in Enum.GetValues<AlarmSeverity>()
            let budget = thresholds.Budget(reference.Snapshot, severity)
            where budget is not null
            select new Measurement<double>(
                budget.Value.PerDay, [.. reference.ModelLabel, Instruments.Label("severity", severity.ToString())]);
    }

    /// <summary>Counts a calibration that was worked out.</summary>
    public void CountCalibration(TimeSpan duration) => _calibrationDuration.Record(duration.TotalSeconds);

    /// <summary>Counts a calibration that ended in an error.</summary>
    public void CountCalibrationFailure() => Interlocked.Increment(ref _calibrationFailures);
}
