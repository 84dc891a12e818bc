using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Topics;

/// <summary>
/// The records of a topic of predictions or labels within a range of time, merged over its partitions by their timestamps.
/// </summary>
/// <remarks>
/// Reading begins where the brokers say that the range does, and ends in each partition at the first record that is later than the range by
/// the slack, at the latest at the end that the partition had when reading began; so it is the same records in the same order whenever they
/// are all still there. No consumer group is joined and nothing is committed.
/// </remarks>
/// <param name="withHeaders">Whether anybody reads the headers.</param>
/// <param name="fromMs">The first record timestamp of the range, epoch milliseconds.</param>
/// <param name="toMs">The exclusive end of the range.</param>
/// <param name="slackMs">How many milliseconds out of order the records of one partition may be.</param>
/// <param name="onDeleted">Told once of each partition whose records are deleted up to somewhere within the range.</param>
internal sealed class TopicRange(
    ClientSettings client, string topic, bool withHeaders, long fromMs, long toMs, long slackMs, Action<string> onDeleted)
    : IRecordedPredictions
{
    private const int EnoughRecords = 10_000; // kept of one partition while others are waited for
    private const int MaxSilentPolls = 30;
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(15);

    private readonly HashSet<Partition> _told = [];
    private Error? _lastError;

    public string Name => topic;

    public long Length => 0;

    /// <exception cref="KafkaException">The brokers are unreachable, there is no such topic, or records are deleted meanwhile.</exception>
    public void Read(IRecordedPredictions.RecordReader onRecord, Action<long> onProgress)
    {
        using var consumer = Consumer();
        var partitions = Assign(consumer);
        var heads = new PriorityQueue<RangePartition, (long, int)>();
        var waitedFor = partitions.Count(partition => !partition.Value.Finished);
        for (var records = 0L; ; records++)
        {
            for (var silent = 0; waitedFor > 0;)
            {
                silent = Poll() ? 0 : silent + 1;
                if (silent == MaxSilentPolls)
                {
                    throw Failure(ErrorCode.Local_TimedOut, $"topic {topic}: nothing was heard for {MaxSilentPolls} s");
                }
            }

            if (!heads.TryDequeue(out var next, out _))
            {
                break;
            }

            var result = next.Take();
            var message = result.Message;
            if (next.Count > 0)
            {
                heads.Enqueue(next, next.Next);
            }
            else if (!next.Finished)
            {
                waitedFor++;
            }

            if (next.Paused && next.Count < EnoughRecords / 2)
            {
                consumer.Resume([next.Partition]);
                next.Paused = false;
            }

            onRecord(new RecordedPrediction(message.Value, next.Name, result.Offset)
            {
                IsNull = message.Value is null,
                Key = message.Key is { Length: <= OriginalRecord.MaxModelBytes } key ? key : default,
                Headers = message.Headers,
                TimeMs = message.Timestamp.UnixTimestampMs,
            });
            onProgress(records);
        }

        bool Poll()
        {
            if (Consume(consumer) is not { } result || partitions[result.Partition] is not { Finished: false } partition)
            {
                return false;
            }

            var timeMs = result.IsPartitionEOF ? long.MaxValue : result.Message.Timestamp.UnixTimestampMs;
            if (partition.DeletedBefore is { } offset)
            {
                partition.DeletedBefore = null;
                if (timeMs >= fromMs)
                {
                    TellDeleted(partition.Partition, offset, result.IsPartitionEOF ? null : timeMs);
                }
            }

            var wasWaitedFor = partition.Count == 0;
            if (timeMs >= fromMs && timeMs < toMs)
            {
                partition.Add(result);
            }

            partition.Finished = result.IsPartitionEOF || result.Offset.Value + 1 >= partition.End || timeMs - slackMs >= toMs;
            if (partition.Finished)
            {
                consumer.IncrementalUnassign([partition.Partition]);
            }
            else if (!partition.Paused && partition.Count >= EnoughRecords)
            {
                consumer.Pause([partition.Partition]);
                partition.Paused = true;
            }

            if (wasWaitedFor && partition.Count > 0)
            {
                heads.Enqueue(partition, partition.Next);
            }

            waitedFor -= wasWaitedFor && (partition.Finished || partition.Count > 0) ? 1 : 0;
            return true;
        }
    }

    /// <summary>Where a partition is read from; null when it has nothing of the range.</summary>
    /// <remarks>
    /// Brokers answer with the first record that is as late as they are asked for, whatever the order of the timestamps and whatever was
    /// compacted away: no record before it belongs to the range, and the end says that none does. But the embedded broker says the end
    /// whatever it is asked, and so may one whose records have no timestamps. That is found out by asking for the first record since 1970,
    /// which every timestamp is later than: when that, too, is the end of a partition that has records, the answer says nothing, and all of
    /// it is read.
    /// </remarks>
    /// <param name="marks">The first offset of the partition, and the one after the last.</param>
    /// <param name="fromMs">The beginning of the range, epoch milliseconds.</param>
    /// <param name="firstSince">The offset of the first record at a time or later.</param>
    internal static Offset? StartOf(WatermarkOffsets marks, long fromMs, Func<long, Offset> firstSince)
    {
        bool IsRecord(Offset offset) => !offset.IsSpecial && offset < marks.High; // what came after the partition was looked at is not read
        if (marks.High <= marks.Low)
        {
            return null;
        }

        var start = firstSince(fromMs);
        return IsRecord(start) ? start : IsRecord(firstSince(0)) ? null : marks.Low;
    }

    private ConsumeResult<byte[], byte[]>? Consume(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            return consumer.Consume(PollTimeout);
        }
        catch (ConsumeException problem) when (problem.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            // A gap in the middle would look like a drift, or hide one.
            throw Failure(
                problem.Error.Code,
                $"{problem.ConsumerRecord.TopicPartitionOffset}: the topic's retention deletes the range while it is read: read a "
                + $"later one");
        }
    }

    private void TellDeleted(TopicPartition partition, long beforeOffset, long? firstMs)
    {
        if (_told.Add(partition.Partition))
        {
            var left = firstMs is { } ms ? $"what is left begins at {TimeText.Utc(ms)}" : "nothing is left";
            onDeleted(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{partition}: the records before offset {beforeOffset} were deleted, some of the range among them perhaps: "
                    + $"{left}; windows that reach back to before that lack events"));
        }
    }

    private Dictionary<Partition, RangePartition> Assign(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            var found = admin.GetMetadata(QueryTimeout).Topics.Find(other => other.Topic == topic && other.Partitions.Count > 0)
                ?? throw Failure(
                    ErrorCode.UnknownTopicOrPart, $"topic {topic} does not exist on {client.BootstrapServers}, or may not be seen");
            var partitions = new Dictionary<Partition, RangePartition>();
            var starts = new List<TopicPartitionOffset>();
            foreach (var partition in found.Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)))
            {
                var marks = consumer.QueryWatermarkOffsets(partition, QueryTimeout);
                var start = StartOf(
                    marks, fromMs, ms => consumer.OffsetsForTimes(
                        [new TopicPartitionTimestamp(partition, new Timestamp(ms, TimestampType.CreateTime))], QueryTimeout)[0].Offset);
                partitions[partition.Partition] = new RangePartition(partition, marks.High)
                {
                    Finished = start is null,
                    DeletedBefore = start is not null && start == marks.Low && marks.Low > 0 ? marks.Low : null, // range may begin earlier
                };
                if (marks.High <= marks.Low && marks.Low > 0)
                {
                    TellDeleted(partition, marks.Low, null);
                }

                if (start is { } offset)
                {
                    starts.Add(new TopicPartitionOffset(partition, offset));
                }
            }

            consumer.Assign(starts);
            return partitions;
        }
        catch (KafkaException problem) when (problem.Error.Code is ErrorCode.Local_Transport
            or ErrorCode.Local_TimedOut
            or ErrorCode.Local_AllBrokersDown)
        {
            consumer.Consume(TimeSpan.Zero); // lets the error handler hear why
            throw Failure(problem.Error.Code, $"{client.BootstrapServers}: nothing was heard within {QueryTimeout.TotalSeconds} s");
        }
    }

    private IConsumer<byte[], byte[]> Consumer()
    {
        var config = KafkaClients.Unjoined(client, "driftmonitor-recorded", withHeaders);
        return KafkaClients.Build(client, () => new ConsumerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => _lastError = error.Code == ErrorCode.Local_AllBrokersDown ? _lastError ?? error : error)
            .SetLogHandler((_, _) => { })
            .Build());
    }

    private KafkaException Failure(ErrorCode code, string what) =>
        new(new Error(code, _lastError is { } error ? $"{what} ({client.Secrets.Hide(error.Reason)})" : what));
}
