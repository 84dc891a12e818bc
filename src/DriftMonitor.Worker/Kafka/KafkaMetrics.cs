using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace DriftMonitor.Worker.Kafka;

/// <summary>The instruments of our Kafka clients, the counters at 0 at first. Their label sets do not come and go. Thread-safe.</summary>
internal sealed class KafkaMetrics
{
    private static readonly int Kinds = Enum.GetValues<KafkaErrorKind>().Length;

    private static readonly KeyValuePair<string, object?>[][] ErrorLabels =
    [
        .. from client in Enum.GetNames<KafkaClient>()
           from kind in Enum.GetNames<KafkaErrorKind>()
           select new[] { Label("client", client), Label("kind", kind) },
    ];

    private readonly long[] _errors = new long[ErrorLabels.Length];
    private readonly ConcurrentDictionary<KafkaClient, bool> _members = new();
    private readonly ConcurrentDictionary<string, TopicLoss> _losses;

    public KafkaMetrics(Meter meter, IEnumerable<string> topics)
    {
        _losses = new(
            topics.Distinct(StringComparer.Ordinal).Select(topic => KeyValuePair.Create(topic, new TopicLoss(topic))),
            StringComparer.Ordinal);
        meter.CreateObservableGauge(
            "driftmonitor_group_member",
            () => _members.Select(member => new Measurement<double>(member.Value ? 1 : 0, Label("client", member.Key.ToString()))),
            null,
            "1 when this replica is a member of the client's consumer group, even if no partition is assigned to it; else 0.");
        Counter(
            "records_lost_total",
            "Records that were deleted before they were read.",
            () => _losses.Values.Select(loss => new Measurement<long>(loss.Records, loss.Labels)));
        Counter(
            "log_gaps_total",
            "How often the next offset to read of a partition did not exist any more: its records were deleted unread, or the topic was "
            + "truncated or created again.",
            () => _losses.Values.Select(loss => new Measurement<long>(loss.Gaps, loss.Labels)));
        Counter(
            "kafka_errors_total",
            "Errors that a Kafka client has met, by kind.",
            () => ErrorLabels.Select((labels, i) => new Measurement<long>(Volatile.Read(ref _errors[i]), labels)));

        void Counter(string name, string help, Func<IEnumerable<Measurement<long>>> measure) =>
            meter.CreateObservableCounter($"driftmonitor_{name}", measure, null, help);
    }

    public void SetGroupMember(KafkaClient client, bool isMember) => _members[client] = isMember;

    public void CountError(KafkaClient client, KafkaErrorKind kind) =>
        Interlocked.Increment(ref _errors[((int)client * Kinds) + (int)kind]);

    /// <summary>Counts that a topic's partition could not be read on from where it was, and how many records are known lost.</summary>
    public void CountGap(string topic, long records) => _losses.GetOrAdd(topic, name => new TopicLoss(name)).Count(records);

    private static KeyValuePair<string, object?> Label(string name, string value) =>
        new(name, SnakeCaseName.Of(value));
}
