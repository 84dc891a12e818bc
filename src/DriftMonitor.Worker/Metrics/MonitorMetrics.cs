using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Reflection;
using DriftMonitor.Alarms;
using DriftMonitor.Display;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.State;
using DoubleMeasurement = System.Diagnostics.Metrics.Measurement<double>;
using LongMeasurement = System.Diagnostics.Metrics.Measurement<long>;

namespace DriftMonitor.Worker.Metrics;

/// <summary>Every instrument of the monitor, under the names that Prometheus shows.</summary>
/// <remarks>
/// What is exported is read when it is asked for: the callbacks only read immutable snapshots and counters, so that they cannot throw
/// (the SDK would drop the series and still answer 200) and a series that is gone leaves no last value behind. Values that are not
/// finite are left out. All methods are thread-safe.
/// </remarks>
internal sealed class MonitorMetrics : IDisposable
{
    public const string MeterName = "DriftMonitor";

    private static readonly double[] DurationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] CalibrationBuckets = [0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];

    private static readonly KeyValuePair<string, object?>[] RefusalReasons =
        [.. Enum.GetNames<RegisterRefusal>().Select(reason => Label("reason", reason))];

    private static readonly int KafkaErrorKinds = Enum.GetValues<KafkaErrorKind>().Length;

    private static readonly KeyValuePair<string, object?>[][] KafkaErrorLabels =
    [
        .. from client in Enum.GetNames<KafkaClient>()
           from kind in Enum.GetNames<KafkaErrorKind>()
           select new[] { Label("client", client), Label("kind", kind) },
    ];

    private readonly ReportStore _reports;
    private readonly ActiveAlarms _alarms;
    private readonly WatchedModels _models;
    private readonly TimeProvider _time;
    private readonly LabelSets _stateLabels = new();
    private readonly Dictionary<string, (LabelSets Labels, int PointsEach)> _labelsOf = new(StringComparer.Ordinal);
    private readonly ImmutableArray<TopicMetrics> _topics;
    private readonly FrozenDictionary<string, TopicMetrics> _topicsByName;
    private readonly Histogram<double> _evaluationDuration;
    private readonly Histogram<double> _calibrationDuration;
    private readonly Lock _switching = new();
    private volatile UsedReferences _references = UsedReferences.None;
    private readonly long[] _eventsRefused = new long[RefusalReasons.Length];
    private readonly ConcurrentDictionary<KafkaClient, bool> _groupMembers = new();
    private readonly long[] _kafkaErrors = new long[KafkaErrorLabels.Length];
    private readonly ConcurrentDictionary<string, TopicLoss> _losses;
    private long _segmentsRefused;
    private long _requestsRefused;
    private long _evaluations;
    private long _settledMs;
    private int _restored;
    private long _evaluationFailures;
    private long _calibrationFailures;
    private double _lastEvaluationSeconds = double.NaN;

    /// <summary>Creates the instruments, the counters at 0.</summary>
    /// <param name="reports">What is known of each series.</param>
    /// <param name="models">The models that are admitted.</param>
    /// <param name="time">The clock of loading and evaluating.</param>
    /// <param name="topics">The topics that are read.</param>
    /// <param name="thresholds">Where thresholds come from.</param>
    /// <param name="alarms">The alarms that are on.</param>
    /// <param name="calibrations">What waits to be worked out.</param>
    public MonitorMetrics(
        ReportStore reports, WatchedModels models, TimeProvider time, IEnumerable<string> topics, ThresholdSource thresholds, ActiveAlarms alarms, PendingCalibrations calibrations)
    {
        (_reports, _models, _time, _alarms) = (reports, models, time, alarms);
        _topics = [.. topics.Distinct(StringComparer.Ordinal).Select(topic => new TopicMetrics(topic, _stateLabels))];
        _losses = new ConcurrentDictionary<string, TopicLoss>(_topics.Select(topic => KeyValuePair.Create(topic.Topic, new TopicLoss(topic.Topic))), StringComparer.Ordinal);
        _topicsByName = _topics.ToFrozenDictionary(topic => topic.Topic, StringComparer.Ordinal);

        WindowGauge("kl_divergence_nats", "nats", "KL divergence between the live window and the reference, in the direction of the label.", KlDivergences, 2);
        WindowGauge("kl_divergence_threshold_nats", "nats", "What KL divergence must exceed to be worth an alarm of the label's severity.", w => ThresholdSeries.OfKl(w.Labels, thresholds.Drift(w.Now.Report)), 4);
        WindowGauge("drift_cusum_nats", "nats", "What a drift from the reference that lasts has added up to over the live window's panes, its CUSUM; only with a budget of false alarms.", w => w.Now.Report.Divergences?.CusumNats);
        WindowGauge("drift_cusum_threshold_nats", "nats", "What the CUSUM of drift must exceed to be worth an alarm of the label's severity.", w => ThresholdSeries.OfCusum(w.Labels, thresholds.Drift(w.Now.Report)), 2);
        WindowGauge("policy_kl_threshold_nats", "nats", "What the KL divergence between a policy and its reference policy must exceed to be worth an alarm of the label's severity.", w => ThresholdSeries.OfPolicy(w.Labels, thresholds.Policy(w.Now.Report)), 4 * WindowSeries.PolicyEstimates);
        WindowGauge("kl_divergence_noise_floor_nats", "nats", "What KL divergence shows with no drift at all, given both numbers of events.", w => w.Now.Report.Divergences?.NoiseFloorNats);
        WindowGauge("trailing_kl_divergence_nats", "nats", "KL divergence between the live window and the one just before it, in the direction of the label.", TrailingDivergences, 2);
        WindowGauge("trailing_kl_divergence_noise_floor_nats", "nats", "What KL divergence between the live window and the one just before it shows when nothing moved.", w => w.Now.Report.Trailing?.NoiseFloorNats);
        WindowGauge("trailing_window_events", null, "Events in the window just before the live one that have a distribution over classes.", w => w.Now.Report.Trailing?.Events);
        WindowGauge("trailing_window_ready", null, "1 when the live window and the one just before it are complete, each with enough events, else 0.", w => w.Now.Report.Trailing is { } trailing ? trailing.Ready ? 1 : 0 : null);
        WindowGauge("js_divergence_nats", "nats", "Jensen-Shannon divergence between the live window and the reference, at most ln 2.", w => w.Now.Report.Divergences?.JensenShannonNats);
        WindowGauge("psi", null, "Population stability index: the sum of both KL divergences.", w => w.Now.Report.Divergences?.Psi);
        WindowGauge("entropy_nats", "nats", "Entropy of the live window's mean output distribution.", w => w.Now.Report.EntropyNats);
        WindowGauge("unseen_mass_ratio", null, "Share of the live window's mass in classes that the reference never saw.", w => w.Now.Report.Divergences?.UnseenMassRatio);
        WindowGauge("window_events", null, "Events in the live window that have a distribution over classes.", w => w.Now.Report.Window.Events);
        WindowGauge("window_ready", null, "1 when the window is complete and has enough events to raise an alarm, else 0.", w => w.Now.Report.Ready ? 1 : 0);
        WindowGauge("window_end_timestamp_seconds", "s", "Event time that the live window ends at.", w => w.Now.Report.Window.ToMs / 1000.0);
        WindowGauge("policy_kl_nats", "nats", "Mean KL divergence between the two policies of an output, in the direction of the label: exact of full distributions, k1, k2 and k3 of sampled log-probabilities.", w => Policies(w, p => p.Nats), WindowSeries.PolicyEstimates);
        WindowGauge("policy_kl_stderr_nats", "nats", "Standard error of the mean KL divergence between the two policies.", w => Policies(w, p => p.StandardErrorNats), WindowSeries.PolicyEstimates);
        WindowGauge("policy_events", null, "Events in the live window that tell of two policies.", w => w.Now.Report.Window.Policy?.Events);
        WindowGauge("policy_clamped_events", null, "Of these, events with a probability ratio that was clamped: their divergence is higher than the mean says.", w => w.Now.Report.Window.Policy?.ClampedEvents);
        Gauge("window_length_seconds", "s", "Length of the windows of that name.", _reports.WindowLabels, WindowLengths);
        Gauge("kl_contribution_nats", "nats", "What a class contributes to the KL divergence: positive where the live window has more of it. __rest__ is all classes not named.", _reports.ClassLabels, Contributions);

        Gauge("class_share_ratio", null, "Share of a class in the live window or in the reference, of the classes that contribute most; smoothed as they are compared.", _reports.ClassLabels, ClassShares, 2);

        Gauge("alarm_active", null, "1 while the monitor has an alarm on: a window is above its threshold, or was within its own length.", alarms.LabelSets, () => alarms.Labels.Select(labels => new DoubleMeasurement(1, labels)));
        Gauge("false_alarm_budget_per_day", null, "How often alarms of a model may be false, where thresholds are worked out from that.", _stateLabels, () => Budgets(thresholds), 2);
        Gauge("calibrations_pending", null, "Thresholds that have not been worked out yet: their windows have none.", _stateLabels, () => [new DoubleMeasurement(calibrations.Pending)]);
        Gauge("reference_info", null, "1 for the reference in use.", _stateLabels, () => References(r => new DoubleMeasurement(1, r.InfoLabels)));
        Gauge("reference_events", null, "Events that the reference was built from.", _stateLabels, () => References(r => new DoubleMeasurement(r.Snapshot.All.Events, r.ModelLabel)));
        Gauge("reference_created_timestamp_seconds", "s", "When the reference in use was made.", _stateLabels, () => References(r => new DoubleMeasurement(r.Snapshot.CreatedAt.ToUnixTimeMilliseconds() / 1000.0, r.ModelLabel)));
        Gauge("reference_loaded_timestamp_seconds", "s", "When the reference in use was put into use.", _stateLabels, () => References(r => new DoubleMeasurement(r.LoadedSeconds, r.ModelLabel)));
        Gauge("last_event_timestamp_seconds", "s", "Event time of the model's latest event.", _reports.WindowLabels, LastEvents);
        Gauge("last_evaluation_timestamp_seconds", "s", "When windows were last evaluated.", _stateLabels, LastEvaluation);
        Gauge("state_restored", null, "1 when this replica is in its group and the windows of every partition that it owns have been rebuilt, else 0.", _stateLabels, () => [new DoubleMeasurement(Volatile.Read(ref _restored))]);
        Gauge(
            "group_member", null, "1 when this replica is in the consumer group that the client reads in, if only to be assigned nothing, else 0.", _stateLabels,
            () => _groupMembers.Select(member => new DoubleMeasurement(member.Value ? 1 : 0, Label("client", member.Key.ToString()))));
        Gauge("settled_timestamp_seconds", "s", "Event time before which every source partition has closed all panes, so that they are final.", _stateLabels, () => Volatile.Read(ref _settledMs) is var ms && ms > 0 ? [new DoubleMeasurement(ms / 1000.0)] : []);
        Gauge("consumer_lag_records", null, "Records of an assigned partition that have not been read yet.", _stateLabels, () => _topics.SelectMany(topic => topic.Lag()).Select(lag => new DoubleMeasurement(lag.Records, lag.Labels)));
        Gauge("assigned_partitions", null, "Partitions that this replica reads.", _stateLabels, () => _topics.Select(topic => new DoubleMeasurement(topic.AssignedPartitions, topic.Labels)));
        Gauge("paused_partitions", null, "Partitions that are not read for the time being, since what was read of them cannot be published.", _stateLabels, () => _topics.Select(topic => new DoubleMeasurement(topic.PausedPartitions, topic.Labels)));
        Gauge("models", null, "Models that are admitted.", _stateLabels, () => [new DoubleMeasurement(_models.Count)]);
        Gauge("models_limit", null, "Models that may be admitted.", _stateLabels, () => [new DoubleMeasurement(_models.MaxModels)]);
        var version = new DoubleMeasurement(1, new KeyValuePair<string, object?>("version", Version));
        Gauge("build_info", null, "1, with the version that runs.", _stateLabels, () => [version]);

        Counter("records_consumed_total", "Records read.", () => _topics.Select(topic => new LongMeasurement(topic.Consumed, topic.Labels)));
        Counter("records_rejected_total", "Records that no window counts, by reason.", () => _topics.SelectMany(topic => topic.Rejected()).Select(rejected => new LongMeasurement(rejected.Count, rejected.Labels)));
        Counter("records_late_total", "Records rejected as late: those of reason=\"late\".", () => _topics.Select(topic => new LongMeasurement(topic.Late, topic.Labels)));
        Counter("records_lost_total", "Records that were deleted before they were read.", () => _losses.Values.Select(loss => new LongMeasurement(loss.Records, loss.Labels)));
        Counter("log_gaps_total", "Times that a partition's position was gone: its records were deleted unread, or the topic was truncated or created again.", () => _losses.Values.Select(loss => new LongMeasurement(loss.Gaps, loss.Labels)));
        Counter("dead_letters_total", "Rejected records that were copied to the dead-letter topic.", () => _topics.Select(topic => new LongMeasurement(topic.DeadLetters, topic.Labels)));
        Counter("dead_letters_failed_total", "Rejected records that could not be copied to the dead-letter topic.", () => _topics.Select(topic => new LongMeasurement(topic.DeadLettersFailed, topic.Labels)));
        Counter("segments_refused_total", "Records that count without their segment, which is beyond the model's cap.", () => [new LongMeasurement(Volatile.Read(ref _segmentsRefused))]);
        Counter("events_refused_total", "Predictions that were read but count in no window, by reason; one with a segment is one of two series.", () => RefusalReasons.Select((reason, i) => new LongMeasurement(Volatile.Read(ref _eventsRefused[i]), reason)));
        Counter("kafka_errors_total", "Errors that a Kafka client has met, by kind.", () => KafkaErrorLabels.Select((labels, i) => new LongMeasurement(Volatile.Read(ref _kafkaErrors[i]), labels)));
        Counter(
            "http_requests_refused_total", "Requests of /metrics and /api/alarms that were answered with 503, since too many were being answered.",
            () => [new LongMeasurement(Volatile.Read(ref _requestsRefused))]);
        Counter("evaluations_total", "Windows compared with their references.", () => [new LongMeasurement(Volatile.Read(ref _evaluations))]);
        Counter("evaluation_failures_total", "Evaluations that ended in an error.", () => [new LongMeasurement(Volatile.Read(ref _evaluationFailures))]);
        Counter("calibration_failures_total", "Thresholds that could not be worked out.", () => [new LongMeasurement(Volatile.Read(ref _calibrationFailures))]);
        _evaluationDuration = Meter.CreateHistogram(
            "driftmonitor_evaluation_duration_seconds", "s", "Time to evaluate the windows of one slide.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _calibrationDuration = Meter.CreateHistogram(
            "driftmonitor_calibration_duration_seconds", "s", "Time to work out the thresholds of one window.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = CalibrationBuckets });
        Feedback = new FeedbackMetrics(this, thresholds);
    }

    /// <summary>The version that runs, without the commit.</summary>
    public static string Version { get; } =
        typeof(MonitorMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What owns the instruments. Its name is shared by every instance in a process; the object is not.</summary>
    public Meter Meter { get; } = new(MeterName);

    /// <summary>What has no label sets that come and go by the traffic.</summary>
    internal LabelSets StateLabels => _stateLabels;

    /// <summary>The instruments of feedback.</summary>
    public FeedbackMetrics Feedback { get; }

    /// <summary>Each kind of label sets that the instruments show.</summary>
    public IEnumerable<LabelSets> LabelKinds => [_reports.WindowLabels, _reports.ClassLabels, Feedback.Labels, _alarms.LabelSets, _stateLabels];

    /// <summary>The label sets that an instrument shows, and how many points it has for each; null when it has no labels that vary.</summary>
    public (LabelSets Labels, int PointsEach)? LabelsOf(Instrument instrument) =>
        _labelsOf.TryGetValue(instrument.Name, out var labels) ? labels : null;

    /// <summary>The handle to count a topic's records with.</summary>
    /// <exception cref="KeyNotFoundException">The topic is none of those that are read.</exception>
    public TopicMetrics Topic(string name) => _topicsByName[name];

    /// <summary>Counts that a partition of a topic could not be read on from where it was, and how many records are known to be lost.</summary>
    public void CountGap(string topic, long records) => _losses.GetOrAdd(topic, name => new TopicLoss(name)).Count(records);

    /// <summary>Shows these references from now on.</summary>
    public void Use(ReferenceSet references)
    {
        lock (_switching)
        {
            _references = _references.With(references, NowSeconds(), _stateLabels);
        }
    }

    /// <summary>Counts windows that were evaluated together.</summary>
    public void CountEvaluations(long windows, TimeSpan duration)
    {
        Interlocked.Add(ref _evaluations, windows);
        Volatile.Write(ref _lastEvaluationSeconds, NowSeconds());
        _evaluationDuration.Record(duration.TotalSeconds);
    }

    /// <summary>Counts events of a series that count in no window.</summary>
    public void CountRefused(RegisterRefusal reason, long events) => Interlocked.Add(ref _eventsRefused[(int)reason], events);

    /// <summary>Says whether the windows of every owned partition have been rebuilt, and up to when the panes of all are final; null when not known.</summary>
    public void SetRestored(bool restored, long? settledBeforeMs)
    {
        Volatile.Write(ref _restored, restored ? 1 : 0);
        Volatile.Write(ref _settledMs, settledBeforeMs ?? 0);
    }

    /// <summary>Says whether a consumer is in its group.</summary>
    public void SetGroupMember(KafkaClient client, bool isMember) => _groupMembers[client] = isMember;

    /// <summary>Counts an error that a Kafka client has met.</summary>
    public void CountKafkaError(KafkaClient client, KafkaErrorKind kind) => Interlocked.Increment(ref _kafkaErrors[((int)client * KafkaErrorKinds) + (int)kind]);

    /// <summary>Counts a request that was refused, since too many were being answered.</summary>
    public void CountRefusedRequest() => Interlocked.Increment(ref _requestsRefused);

    /// <summary>Says how many records have counted without their segment so far.</summary>
    public void SetSegmentsRefused(long records) => Volatile.Write(ref _segmentsRefused, records);

    /// <summary>Counts an evaluation that ended in an error.</summary>
    public void CountEvaluationFailure() => Interlocked.Increment(ref _evaluationFailures);

    /// <summary>Counts a calibration that was worked out.</summary>
    public void CountCalibration(TimeSpan duration) => _calibrationDuration.Record(duration.TotalSeconds);

    /// <summary>Counts a calibration that ended in an error.</summary>
    public void CountCalibrationFailure() => Interlocked.Increment(ref _calibrationFailures);

    public void Dispose() => Meter.Dispose();

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
                    yield return new DoubleMeasurement(live, [new("class", contribution.Class), new("distribution", "live"), .. window.Labels]);
                    yield return new DoubleMeasurement(reference, [new("class", contribution.Class), new("distribution", "reference"), .. window.Labels]);
                }
            }
        }
    }

    private IEnumerable<DoubleMeasurement> References(Func<UsedReferences.Reference, DoubleMeasurement> measure) =>
        _references.All.Where(reference => _stateLabels.Shows(reference.LabelNumber)).Select(measure);

    private IEnumerable<DoubleMeasurement> Budgets(ThresholdSource thresholds) =>
        from reference in _references.All
        where _stateLabels.Shows(reference.LabelNumber)
        from severity in Enum.GetValues<AlarmSeverity>()
        let budget = thresholds.Budget(reference.Snapshot, severity)
        where budget is not null
        select new DoubleMeasurement(budget.Value.PerDay, [.. reference.ModelLabel, Label("severity", severity.ToString())]);

    /// <summary>Every event of a model counts in its <see cref="SeriesKey.All"/>; its shortest slide knows the latest.</summary>
    private IEnumerable<DoubleMeasurement> LastEvents() => Windows()
        .Where(window => window.Now.Report.Window.Series.Segment == SeriesKey.All)
        .GroupBy(window => window.Now.Report.Window.Series.Model, StringComparer.Ordinal)
        .Select(model => new DoubleMeasurement(model.Max(window => window.Now.Report.Window.LatestEventMs) / 1000.0, model.First().ModelLabel));

    private IEnumerable<DoubleMeasurement> LastEvaluation() => [new DoubleMeasurement(Volatile.Read(ref _lastEvaluationSeconds))];

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, SnakeCaseName.Of(value));

    private double NowSeconds() => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private void WindowGauge(string name, string? unit, string help, Func<WindowSeries, double?> value) =>
        WindowGauge(name, unit, help, window => value(window) is { } number ? [new DoubleMeasurement(number, window.Labels)] : [], 1);

    private void WindowGauge(string name, string? unit, string help, Func<WindowSeries, IEnumerable<DoubleMeasurement>> measure, int pointsEach) =>
        Gauge(name, unit, help, _reports.WindowLabels, () => Windows().SelectMany(measure), pointsEach);

    internal void Gauge(
        string name, string? unit, string help, LabelSets labels, Func<IEnumerable<DoubleMeasurement>> measure, int pointsEach = 1)
    {
        var full = $"driftmonitor_{name}";
        _labelsOf.Add(full, (labels, pointsEach));
        Meter.CreateObservableGauge(full, () => measure().Where(measurement => double.IsFinite(measurement.Value)), unit, help);
    }

    internal void Counter(string name, string help, Func<IEnumerable<LongMeasurement>> measure)
    {
        var full = $"driftmonitor_{name}";
        _labelsOf.Add(full, (_stateLabels, 1));
        Meter.CreateObservableCounter(full, measure, null, help);
    }
}
