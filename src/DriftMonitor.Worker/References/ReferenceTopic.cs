using System.Reactive.Linq;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.References;

/// <summary>Follows the references topic, beside the references directory: of both, each model's highest version is in use.</summary>
/// <remarks>
/// Every replica reads all of it at its start, before which nothing of it is used. A record that cannot be read is refused, counted, and
/// logged once; what was in use stays. Of two snapshots of one model and version the later made one is in use, and the other counts as
/// refused.
/// </remarks>
internal sealed class ReferenceTopic(
    MonitorSettings settings, int partitions, UsedReferences used, ServiceMetrics metrics, KafkaConnection connection,
    ILogger<ReferenceTopic> log)
    : FollowedTopic<ReferenceRecord>(settings.ReferencesTopic, connection), IDisposable
{
    private readonly PushedReferences _pushed = new(connection.Time);
    private readonly BehaviorSubject<ReferenceSet> _inUse = new(ReferenceSet.Empty with { IsComplete = false });
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly HashSet<(string Id, string OtherId)> _toldRivals = [];
    private bool _hasNews = true;
    private volatile int _refused;
    private volatile int _rivals;

    /// <summary>The references of both sources, the latest at once.</summary>
    public IObservable<ReferenceSet> Beside(IObservable<ReferenceSet> directory) => directory.CombineLatest(_inUse, Merge);

    public void Dispose() => _inUse.Dispose();

    protected override WholeTopicReader<ReferenceRecord> Open() => new Reader(
        this, $"{settings.GroupId}-references", partitions, metrics.Topic(Topic));

    protected override void AfterRead(bool hasReachedEnd)
    {
        if (!hasReachedEnd || !_hasNews)
        {
            return;
        }

        _hasNews = false;
        var refused = new List<PushedReferences.Pushed>();
        var next = _pushed.InUse(refused);
        foreach (var pushed in refused.Where(pushed => _told.Add(pushed.Place)))
        {
            log.ReferenceRefused(pushed.Problem!);
        }

        _refused = refused.Count;
        used.Pushed =
        [
            .. _pushed.All.Select(pushed => new PushedVersion(
                pushed.Record.Model, pushed.Record.Version, pushed.Snapshot, pushed.Record.Pushed, pushed.Record.Undone, pushed.Problem)),
        ];
        TellChanges(_inUse.Value, next);
        _inUse.OnNext(next);
    }

    protected override void TellSlow(TimeSpan patience) => log.ReferencesSlow(Topic, patience.TotalSeconds);

    protected override void TellEnded(KafkaException fault)
    {
        log.ReferencesEnded(fault, Topic);
        _refused++;
        Count();
    }

    private void Count() => used.RefusedRecords = _refused + _rivals;

    private void TellChanges(ReferenceSet before, ReferenceSet next)
    {
        foreach (var snapshot in next.ByModel.Values.Where(one => before.Of(one.Model) is not { } other || IsAnother(one, other)))
        {
            log.ReferenceRecordUsed(
                snapshot.Id, snapshot.Version, snapshot.Model, snapshot.All.Events, snapshot.ClassSpace.DistinctNames.Count, Topic);
        }

        foreach (var model in before.ByModel.Keys.Where(model => next.Of(model) is null))
        {
            log.ReferenceRecordGone(Topic, model);
        }
    }

    private static bool IsAnother(ReferenceSnapshot one, ReferenceSnapshot other) => one.Id != other.Id || one.Version != other.Version;

    private ReferenceSet Merge(ReferenceSet directory, ReferenceSet topic)
    {
        var set = ReferenceSet.Latest(directory.ByModel.Values.Concat(topic.ByModel.Values));
        var rivals = 0;
        foreach (var one in topic.ByModel.Values)
        {
            if (directory.Of(one.Model) is not { } other || other.Version != one.Version || other.Id == one.Id)
            {
                continue;
            }

            rivals++;
            if (_toldRivals.Add((one.Id, other.Id)))
            {
                log.ReferenceRecordRival(one.Model, one.Version, other.Id, one.Id, Topic, set.Of(one.Model)!.Id);
            }
        }

        _rivals = rivals;
        Count();
        return set with { IsComplete = directory.IsComplete && topic.IsComplete };
    }

    /// <summary>Reads keys and values.</summary>
    private sealed class Values : IDeserializer<Ignore>, IDeserializer<ReferenceRecord>
    {
        private byte[] _key = [];

        Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            _key = data.ToArray();
            return null!;
        }

        ReferenceRecord IDeserializer<ReferenceRecord>.Deserialize(
            ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => ReferenceRecord.Read(_key, data, isNull);
    }

    private sealed class Reader(ReferenceTopic topic, string groupId, int partitions, TopicMetrics counts)
        : WholeTopicReader<ReferenceRecord>(
            topic.Connection, KafkaClient.References, groupId, topic.Topic, partitions, new Values())
    {
        protected override void Read(ReadPartition partition, ConsumeResult<Ignore, ReferenceRecord> record)
        {
            counts.CountConsumed();
            if (record.Message.Value.Problem is not null)
            {
                counts.CountMalformed();
            }

            topic._pushed.Add(record.Message.Value, $"{record.TopicPartitionOffset}");
            topic._hasNews = true;
        }

        protected override void CountUnreadable() => counts.CountUnreadable();
    }
}
