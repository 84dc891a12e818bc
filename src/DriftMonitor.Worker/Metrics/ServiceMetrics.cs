using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Reflection;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The instruments of the service: the topics that it reads, the models that it admits, the requests that it refuses.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ServiceMetrics
{
    private readonly ImmutableArray<TopicMetrics> _topics;
    private readonly FrozenDictionary<string, TopicMetrics> _topicsByName;
    private long _segmentsRefused;
    private long _requestsRefused;

    public ServiceMetrics(Instruments instruments, WatchedModels models, IEnumerable<string> topics, ExportedSettings settings)
    {
        var ofModels = new LabelSets();
        _topics = [.. topics.Distinct(StringComparer.Ordinal).Select(
            topic => new TopicMetrics(topic, instruments.StateLabels, ofModels, models.MaxModels))];
        _topicsByName = _topics.ToFrozenDictionary(topic => topic.Topic, StringComparer.Ordinal);
        Gauge(
            "consumer_lag_records", "Records of an assigned partition that have not been read yet.",
            () => _topics.SelectMany(topic => topic.Lag()).Select(lag => new Measurement<double>(lag.Records, lag.Labels)));
        Gauge(
            "assigned_partitions", "Partitions that this replica reads.",
            () => _topics.Select(topic => new Measurement<double>(topic.AssignedPartitions, topic.Labels)));
        Gauge(
            "paused_partitions",
            "Partitions whose reading is paused, because the brokers have not acknowledged what the monitor wrote for earlier records, "
            + "or because a schema registry does not answer.",
            () => _topics.Select(topic => new Measurement<double>(topic.PausedPartitions, topic.Labels)));
        Gauge("models", "Models that this replica tracks.", () => [new(models.Count)]);
        Gauge("models_limit", "Most models that this replica may track (Limits:Models).", () => [new(models.MaxModels)]);
        Gauge(
            "memory_cells", "Cells of memory that the state of models, panes and windows takes, 16 bytes each.",
            () => [new(models.Memory.Whole.Used)]);
        Gauge("memory_cells_limit", "Upper limit of driftmonitor_memory_cells.", () => [new(models.Memory.Whole.Limit)]);
        var version = new Measurement<double>(1, new KeyValuePair<string, object?>("version", Version));
        Gauge("build_info", "1, with the version that runs.", () => [version]);
        Measurement<double>[] reachedAt =
            settings.PublicUrl is { } url ? [new(1, new KeyValuePair<string, object?>("url", url))] : [];
        Gauge("public_url_info", "1, with the address where people reach the monitor: Http:PublicUrl.", () => reachedAt);
        Measurement<double>[] trafficFactor = settings.TrafficFactor > 0 ? [new(settings.TrafficFactor)] : [];
        Gauge(
            "traffic_factor",
            "Factor by which a model's events per second may be above or below its reference's before ModelTrafficChanged fires (2: "
            + "double or half); absent unless Alarms:TrafficFactor is set.",
            () => trafficFactor);
        Counter("records_consumed_total", "Records read.", topic => topic.Consumed);
        ByModel(
            "records_ignored_total",
            "Records that are not meant to be predictions or labels: the source's filter excludes them, or they are null.",
            topic => topic.IgnoredPoints());
        ByModel(
            "duplicates_total",
            "Predictions not counted because a prediction with the same id was already in a pane that still accepts records.",
            topic => topic.DuplicatePoints());
        Counter(
            "ids_unchecked_total",
            "Predictions whose id was not remembered, for lack of memory. A duplicate of one is not recognised and counts as one more "
            + "prediction.",
            topic => topic.UncheckedIds);
        ByModel(
            "records_fallen_back_total",
            "Records counted without a field that could not be read (`field`: ts, segment or version); without ts, the record's own "
            + "time is used.",
            topic => topic.FallenBackPoints());
        ByModel(
            "records_rejected_total",
            "Records that were rejected when they were read, and are in no window, by reason (such as malformed or late).",
            topic => topic.RejectedPoints());
        Counter(
            "records_late_total", "Records rejected as late: driftmonitor_records_rejected_total{reason=\"late\"}, summed over the models.",
            topic => topic.Late);
        Counter("dead_letters_total", "Rejected records that were copied to the dead-letter topic.", topic => topic.DeadLetters);
        Counter(
            "dead_letters_failed_total", "Rejected records that could not be copied to the dead-letter topic.",
            topic => topic.DeadLettersFailed);
        instruments.Counter(
            "segments_refused_total",
            "Records counted without their segment, because the model already has as many segments as it may have "
            + "(Limits:SegmentsPerModel).",
            () => Volatile.Read(ref _segmentsRefused));
        instruments.Counter(
            "http_requests_refused_total",
            "Requests of anything but health that were answered with 503, since too many were being answered.",
            () => Volatile.Read(ref _requestsRefused));

        void Gauge(string name, string help, Func<IEnumerable<Measurement<double>>> measure) =>
            instruments.Gauge(name, null, help, instruments.StateLabels, measure);

        void Counter(string name, string help, Func<TopicMetrics, long> value) =>
            instruments.Counter(name, help, () => _topics.Select(topic => new Measurement<long>(value(topic), topic.Labels)));

        void ByModel(string name, string help, Func<TopicMetrics, IEnumerable<Measurement<long>>> points) =>
            instruments.Counter(name, help, () => _topics.SelectMany(points), ofModels);
    }

    /// <summary>The version that runs, without the commit.</summary>
    public static string Version { get; } =
        typeof(ServiceMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The topics that are read.</summary>
    public IReadOnlyList<TopicMetrics> Topics => _topics;

    /// <summary>The handle to count a topic's records with.</summary>
    /// <exception cref="KeyNotFoundException">The topic is none of those that are read.</exception>
    public TopicMetrics Topic(string name) => _topicsByName[name];

    /// <summary>Counts a request that was refused, since too many were being answered.</summary>
    public void CountRefusedRequest() => Interlocked.Increment(ref _requestsRefused);

    /// <summary>Says how many records have counted without their segment so far.</summary>
    public void SetSegmentsRefused(long records) => Volatile.Write(ref _segmentsRefused, records);
}
