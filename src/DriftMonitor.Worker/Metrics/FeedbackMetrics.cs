using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DriftMonitor.Worker.State;
using DoubleMeasurement = System.Diagnostics.Metrics.Measurement<double>;
using LongMeasurement = System.Diagnostics.Metrics.Measurement<long>;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The instruments of feedback. All methods are thread-safe.</summary>
internal sealed class FeedbackMetrics
{
    private static readonly double[] DelayBuckets = [0.1, 1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800];

    private static readonly KeyValuePair<string, object?>[] Reasons =
        [.. Enum.GetNames<UnmatchedReason>().Select(reason => Instruments.Label("reason", reason))];

    private const int MostModels = 10_000; // a label set each and reason; of more models only the sum is counted

    private readonly long[] _unmatched = new long[Reasons.Length];
    private readonly ConcurrentDictionary<string, ModelLabels> _models = new(StringComparer.Ordinal);
    private readonly LabelSets _labelSets = new(); // of models
    private readonly Histogram<double> _delay;
    private long _matched;
    private long _rebuilt;
    private int _degraded;

    public FeedbackMetrics(Instruments instruments, FeedbackWindows windows)
    {
        Gauge(
            "cross_entropy_nats", "nats", "Mean cross-entropy (log loss) of the labels against their predictions.",
            m => m.CrossEntropyNats);
        Points(
            "cross_entropy_threshold_nats", "nats",
            "Threshold of the cross-entropy of labels against predictions for an alarm of this severity. Alarms use only "
            + "attribution=\"label_time\": a label counts at its own time, or at its prediction's if that is later.",
            shown => ThresholdSeries.OfLabels(shown.Labels, shown.Judged.CrossEntropy, threshold => threshold), 4);
        Gauge(
            "expected_cross_entropy_nats", "nats",
            "Mean entropy of the same predictions: the cross-entropy to expect if the model's probabilities were right.",
            m => m.ExpectedCrossEntropyNats);
        Gauge(
            "kl_label_vs_prediction_nats", "nats", "Mean KL divergence of soft labels from their predictions.",
            m => m.KlLabelVsPredictionNats);
        Gauge(
            "accuracy_ratio", null,
            "Share of labelled predictions that are right: in their most probable class, or for multilabel models in every class.",
            m => m.AccuracyRatio);
        Points(
            "accuracy_threshold_ratio", null,
            "Threshold of the accuracy: an accuracy below it can raise an alarm of this severity. Alarms use only "
            + "attribution=\"label_time\": a label counts at its own time, or at its prediction's if that is later.",
            shown => ThresholdSeries.OfLabels(shown.Labels, shown.Judged.Errors, threshold => 1 - threshold), 4);
        Gauge("brier_score", null, "Mean Brier score of the labelled predictions, 0 to 2.", m => m.BrierScore);
        Gauge(
            "calibration_error_ratio", null, "Expected calibration error of the labelled predictions, over 15 bins of confidence.",
            m => m.CalibrationErrorRatio);
        Gauge("events", null, "Labelled predictions in the window.", m => m.Events);
        Gauge(
            "capped_events", null,
            "Labelled predictions in the window that gave the true class a probability below 2^-64. Each counts as 64 ln 2 = 44.4 nats, "
            + "not as infinity (for multilabel models, for each such class).",
            m => m.CappedEvents);
        Gauge(
            "coverage_ratio", null, "Share of the predictions with an id that have a label, over windows of the predictions' own times.",
            m => m.CoverageRatio);
        instruments.Counter("feedback_matched_total", "Labels that have found their prediction.", () => Volatile.Read(ref _matched));
        instruments.Counter(
            "feedback_unmatched_total", "Feedback records that count in no window, or no longer count, by reason.",
            () => Reasons.Select((reason, i) => new LongMeasurement(Volatile.Read(ref _unmatched[i]), reason))
                .Concat(_models.Values.SelectMany(model => model.Counts(_labelSets))),
            _labelSets);
        instruments.Counter(
            "feedback_rebuilt_total",
            "Feedback records that were read again to rebuild the local store of the label join. They count in windows, but not in "
            + "driftmonitor_feedback_matched_total or driftmonitor_feedback_unmatched_total.",
            () => Volatile.Read(ref _rebuilt));
        instruments.Gauge(
            "feedback_degraded_partitions", null, "Partitions whose labels are not joined, since their store cannot be used.",
            instruments.StateLabels, () => [new(Volatile.Read(ref _degraded))]);
        _delay = instruments.Histogram("feedback_delay_seconds", "How long after its prediction a label became known.", DelayBuckets);

        void Gauge(string name, string? unit, string help, Func<FeedbackMeasures, double?> value) =>
            Points(
                name, unit, help,
                shown => value(shown.Judged.Window.Measures) is { } number ? [new DoubleMeasurement(number, shown.Labels)] : [],
                1);

        void Points(
            string name, string? unit, string help, Func<FeedbackWindows.Shown, IEnumerable<DoubleMeasurement>> points, int pointsEach) =>
            instruments.Gauge($"feedback_{name}", unit, help, windows.LabelSets, () => windows.Showing.SelectMany(points), pointsEach);
    }

    /// <summary>Counts a label that has found its prediction.</summary>
    /// <param name="delayMs">How much later than the prediction it became known; negative when before.</param>
    public void CountMatched(long delayMs)
    {
        Interlocked.Increment(ref _matched);
        _delay.Record(Math.Max(0, delayMs) / 1000.0);
    }

    /// <summary>Counts labels that count in no window, or no longer.</summary>
    /// <param name="model">Their model, where the reason is what its predictions are; else null.</param>
    public void CountUnmatched(string? model, UnmatchedReason reason, long labels)
    {
        var counts = model is not null && (_models.ContainsKey(model) || _models.Count < MostModels)
            ? _models.GetOrAdd(model, name => new ModelLabels(name)).Of(reason, _labelSets)
            : _unmatched;
        Interlocked.Add(ref counts[(int)reason], labels);
    }

    /// <summary>Counts records that are read once more, or whose predictions are not read.</summary>
    public void CountRebuilt(long records) => Interlocked.Add(ref _rebuilt, records);

    /// <summary>Says how many partitions have no store.</summary>
    public void SetDegraded(int partitions) => Volatile.Write(ref _degraded, partitions);

    /// <summary>The labels of one model that count in no window for what its predictions are, by reason.</summary>
    private sealed class ModelLabels(string model)
    {
        private readonly KeyValuePair<string, object?> _label = new("model", model);
        private readonly long[] _counts = new long[Reasons.Length];
        private readonly long[] _numbers = new long[Reasons.Length]; // of the label sets, 0 for none yet

        /// <summary>The counts, of which that of a reason is going to be shown.</summary>
        public long[] Of(UnmatchedReason reason, LabelSets labelSets)
        {
            lock (_numbers)
            {
                if (_numbers[(int)reason] == 0)
                {
                    Volatile.Write(ref _numbers[(int)reason], labelSets.Issue());
                }
            }

            return _counts;
        }

        public IEnumerable<LongMeasurement> Counts(LabelSets labelSets) =>
            from i in Enumerable.Range(0, Reasons.Length)
            where Volatile.Read(ref _numbers[i]) is > 0 and var number && labelSets.Shows(number)
            select new LongMeasurement(Volatile.Read(ref _counts[i]), _label, Reasons[i]);
    }
}
