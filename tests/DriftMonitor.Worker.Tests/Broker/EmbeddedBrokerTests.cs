using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;

namespace DriftMonitor.Worker.Tests.Broker;

public sealed class EmbeddedBrokerTests : IDisposable
{
    private const short ProduceRequest = 0;
    private const short InitProducerIdRequest = 22;

    private readonly CancellationTokenSource _deadline =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public EmbeddedBrokerTests() => _deadline.CancelAfter(TimeSpan.FromMinutes(2));

    public void Dispose() => _deadline.Dispose();

    [Fact]
    public void EmbeddedBroker_LoadsNoLibraryBesideConfluents()
    {
        using var broker = EmbeddedBroker.Start();

        Assert.Equal(Library.Version, EmbeddedBrokerFaults.Version());
        using var process = Process.GetCurrentProcess();
        var modules = process.Modules.Cast<ProcessModule>().Select(module => module.ModuleName);
        var builds = modules.Count(name => name.Contains("librdkafka.", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(OperatingSystem.IsMacOS() ? 0 : 1, builds);
    }

    [Fact]
    public void Records_ArriveOnceAndInOrder()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 2);
        var sent = Produce(broker, "events", partitions: 2, each: 2_000);

        using var consumer = Consumer(broker, "group");
        consumer.Subscribe("events");
        var received = Consume(consumer, sent.Count);

        Assert.Equal([2_000, 2_000], Counts(received));
        foreach (var partition in received.GroupBy(record => record.Partition.Value))
        {
            Assert.Equal(Enumerable.Range(0, 2_000).Select(i => (long)i), partition.Select(record => record.Offset.Value));
            Assert.Equal(
                sent.Where(record => record.Partition == partition.Key).Select(record => record.Value),
                partition.Select(record => record.Message.Value));
        }

        Assert.Null(consumer.Consume(TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void Record_KeepsKeyHeadersAndTimestamp()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var producer = Producer(broker);
        var timestamp = new Timestamp(1_767_225_600_100, TimestampType.CreateTime);

        producer.Produce("events", new Message<string, string>
        {
            Key = "digits-lr",
            Value = "value",
            Timestamp = timestamp,
            Headers = [new Header("reason", "late"u8.ToArray()), new Header("reason", "again"u8.ToArray()), new Header("empty", null)],
        });
        producer.Flush(_deadline.Token);

        using var consumer = Consumer(broker, "group");
        consumer.Subscribe("events");
        var message = Assert.Single(Consume(consumer, 1)).Message;
        Assert.Equal("digits-lr", message.Key);
        Assert.Equal("value", message.Value);
        Assert.Equal(timestamp, message.Timestamp);
        Assert.Equal(
            [("reason", "late"), ("reason", "again"), ("empty", null)],
            message.Headers.Select(header => (header.Key, header.GetValueBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : null)));
    }

    /// <summary>Lanes rely on it: while a partition is paused nothing is heard of its end.</summary>
    [Fact]
    public void ResumedPartition_ReportsItsEndAgain()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 3);
        using var consumer = Consumer(broker, "group", configure: config => config.EnablePartitionEof = true);
        var partition = new TopicPartition("events", 0);
        consumer.Assign(new TopicPartitionOffset(partition, Offset.Beginning));
        Assert.Equal(3, End());

        consumer.Pause([partition]);
        Assert.Null(consumer.Consume(TimeSpan.FromMilliseconds(50)));
        consumer.Resume([partition]);
        Assert.Equal(3, End());

        long End()
        {
            while (true)
            {
                if (consumer.Consume(_deadline.Token) is { IsPartitionEOF: true } end)
                {
                    return end.Offset;
                }
            }
        }
    }

    [Fact]
    public void CommittedOffset_IsWhereTheNextConsumerStarts()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 10);

        using (var first = Consumer(broker, "group"))
        {
            first.Subscribe("events");
            var records = Consume(first, 10);
            first.Commit([new TopicPartitionOffset(records[4].TopicPartition, records[4].Offset)]);
            Leave(first);
        }

        using var second = Consumer(broker, "group");
        second.Subscribe("events");
        Assert.Equal([4L, 5, 6, 7, 8, 9], Consume(second, 6).Select(record => record.Offset.Value));

        using var stranger = Consumer(broker, "another group");
        stranger.Subscribe("events");
        Assert.Equal(0, Consume(stranger, 1)[0].Offset.Value);
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public void Consumers_ShareThePartitionsAndOneTakesOver(GroupProtocol protocol)
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 2);
        using var first = Consumer(broker, "group", protocol);
        using var second = Consumer(broker, "group", protocol);
        first.Subscribe("events");
        PollUntil(() => first.Assignment.Count == 2, first);

        second.Subscribe("events");
        PollUntil(() => first.Assignment.Count == 1 && second.Assignment.Count == 1, first, second);
        Assert.Equal([0, 1], first.Assignment.Concat(second.Assignment).Select(partition => partition.Partition.Value).Order());

        Leave(first);
        PollUntil(() => second.Assignment.Count == 2, second);
        Produce(broker, "events", partitions: 2, each: 5);
        Assert.Equal([5, 5], Counts(Consume(second, 10)));
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public void Consumer_ThatDiesWithoutLeaving_LosesItsPartitions(GroupProtocol protocol)
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 2);
        var dead = Consumer(broker, "group", protocol);
        dead.Subscribe("events");
        PollUntil(() => dead.Assignment.Count == 2, dead);
        dead.Dispose(); // and no Close: the group is not told

        using var heir = Consumer(broker, "group", protocol);
        heir.Subscribe("events");
        PollUntil(() => heir.Assignment.Count == 2, heir);
    }

    [Fact]
    public void BrokerDown_HoldsRecordsBackUntilItIsUp()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var producer = Producer(broker);
        producer.Produce("events", new Message<string, string> { Value = "before" });
        producer.Flush(_deadline.Token);

        broker.SetBrokerDown(1);
        Assert.Throws<SocketException>(() => Connect(broker));
        producer.Produce("events", new Message<string, string> { Value = "during" });
        Assert.Equal(1, producer.Flush(TimeSpan.FromMilliseconds(100)));

        broker.SetBrokerUp(1);
        producer.Flush(_deadline.Token);
        using var consumer = Consumer(broker, "group");
        consumer.Subscribe("events");
        Assert.Equal(["before", "during"], Consume(consumer, 2).Select(record => record.Message.Value));
    }

    [Fact]
    public void BrokerDown_FailsTheRecordWhoseTimeIsUp()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var producer = Producer(broker, config => config.MessageTimeoutMs = 200);
        broker.SetBrokerDown(1);

        var error = ErrorCode.NoError;
        producer.Produce("events", new Message<string, string> { Value = "lost" }, report => error = report.Error.Code);
        producer.Flush(_deadline.Token);

        Assert.Equal(ErrorCode.Local_MsgTimedOut, error);
    }

    [Fact]
    public void RequestErrors_ReachTheClientInOrder()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var producer = Producer(broker, config => config.MessageSendMaxRetries = 0);
        broker.PushRequestErrors(ProduceRequest, ErrorCode.RecordListTooLarge, ErrorCode.MsgSizeTooLarge);

        List<ErrorCode> errors = [];
        for (var i = 0; i < 3; i++)
        {
            producer.Produce("events", new Message<string, string> { Value = "v" }, report => errors.Add(report.Error.Code));
            producer.Flush(_deadline.Token);
        }

        Assert.Equal([ErrorCode.RecordListTooLarge, ErrorCode.MsgSizeTooLarge, ErrorCode.NoError], errors);
    }

    [Fact]
    public void RoundTripTime_DelaysEveryAnswer()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var consumer = Consumer(broker, "group");
        var partition = new TopicPartition("events", 0);
        consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(60));

        broker.SetRoundTripTime(TimeSpan.FromMilliseconds(300));
        var watch = Stopwatch.StartNew();
        consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(60));

        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(290), $"answered after {watch.Elapsed}");
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public void Coordinator_MovesTheGroupToABrokerThatIsUp(GroupProtocol protocol)
    {
        using var broker = EmbeddedBroker.Start(brokers: 2);
        broker.CreateTopic("events", 1);
        broker.SetCoordinator("group", 2);
        broker.SetBrokerDown(2);
        using var consumer = Consumer(broker, "group", protocol);
        consumer.Subscribe("events");
        Assert.Null(consumer.Consume(TimeSpan.FromMilliseconds(500)));
        Assert.Empty(consumer.Assignment);

        broker.SetCoordinator("group", 1);

        PollUntil(() => consumer.Assignment.Count == 1, consumer);
    }

    [Fact]
    public void Watermarks_FollowTheLog()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 7);

        using var consumer = Consumer(broker, "group");
        var watermarks = consumer.QueryWatermarkOffsets(new TopicPartition("events", 0), TimeSpan.FromSeconds(60));

        Assert.Equal((0, 7), (watermarks.Low.Value, watermarks.High.Value));
    }

    [Fact]
    public void DeletedRecords_RaiseTheLowWatermarkAndAreOutOfRange()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 10);

        broker.DeleteRecords("events", 0, beforeOffset: 4);

        using var consumer = Consumer(broker, "group", configure: config => config.AutoOffsetReset = AutoOffsetReset.Error);
        var partition = new TopicPartition("events", 0);
        var watermarks = consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(60));
        Assert.Equal((4, 10), (watermarks.Low.Value, watermarks.High.Value));
        consumer.Assign(new TopicPartitionOffset(partition, 3));
        // With auto.offset.reset=error librdkafka says in its own words what the broker has refused.
        Assert.Equal(ErrorCode.Local_AutoOffsetReset, Assert.Throws<ConsumeException>(() => Consume(consumer, 1)).Error.Code);
        consumer.Assign(new TopicPartitionOffset(partition, 4));
        Assert.Equal([4L, 5, 6, 7, 8, 9], Consume(consumer, 6).Select(record => record.Offset.Value));
    }

    [Fact]
    public void DeletedRecords_AreSkippedByAConsumerThatResetsToTheEarliest()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 10);
        broker.DeleteRecords("events", 0, beforeOffset: 4);
        using var consumer = Consumer(broker, "group");

        consumer.Assign(new TopicPartitionOffset("events", 0, 2));

        Assert.Equal(4, Consume(consumer, 1)[0].Offset.Value);
    }

    [Fact]
    public void DeletedTopic_IsUnknownUntilItIsMadeAgain()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 7);
        using var consumer = Consumer(broker, "group", configure: config => config.AutoOffsetReset = AutoOffsetReset.Error);
        var partition = new TopicPartition("events", 0);
        consumer.Assign(new TopicPartitionOffset(partition, 0));
        Consume(consumer, 7);

        broker.DeleteTopic("events");
        Assert.Equal(ErrorCode.UnknownTopicOrPart, Assert.Throws<KafkaException>(Watermarks).Error.Code);

        broker.CreateTopic("events", 1);
        Produce(broker, "events", partitions: 1, each: 3);
        Assert.Equal((0, 3), (Watermarks().Low.Value, Watermarks().High.Value));
        // it asks for offset 7
        Assert.Equal(ErrorCode.Local_AutoOffsetReset, Assert.Throws<ConsumeException>(() => Consume(consumer, 1)).Error.Code);

        WatermarkOffsets Watermarks() => consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void TopicError_IsInTheMetadataUntilItIsTakenBack()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();

        broker.SetTopicError("events", ErrorCode.LeaderNotAvailable);
        Assert.Equal(ErrorCode.LeaderNotAvailable, Metadata().Error.Code);

        broker.SetTopicError("events", ErrorCode.NoError);
        Assert.Equal(ErrorCode.NoError, Metadata().Error.Code);

        TopicMetadata Metadata() => Assert.Single(admin.GetMetadata("events", TimeSpan.FromSeconds(10)).Topics);
    }

    [Fact]
    public void ApiVersions_TakeARequestAway()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        broker.SetApiVersions(InitProducerIdRequest, -1, -1);
        using var producer = Producer(broker, config => (config.EnableIdempotence, config.MessageTimeoutMs) = (true, 500));

        // Without producer ids nothing can be sent idempotently.
        var error = ErrorCode.NoError;
        producer.Produce("events", new Message<string, string> { Value = "v" }, report => error = report.Error.Code);
        producer.Flush(_deadline.Token);

        Assert.NotEqual(ErrorCode.NoError, error);
    }

    [Fact]
    public void TrackedRequests_AreThoseThatArrived()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 1);
        using var producer = Producer(broker);
        Send();

        broker.TrackRequests();
        Assert.DoesNotContain(ProduceRequest, broker.TrackedRequests());
        Send();
        Send();
        Assert.Equal(2, broker.TrackedRequests().Count(request => request == ProduceRequest));

        broker.TrackRequests();
        Assert.DoesNotContain(ProduceRequest, broker.TrackedRequests());

        void Send()
        {
            producer.Produce("events", new Message<string, string> { Value = "v" });
            producer.Flush(_deadline.Token);
        }
    }

    [Fact]
    public void CreateTopic_RefusesTheSameNameTwice()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 3);

        Assert.Equal(ErrorCode.TopicAlreadyExists, Assert.Throws<KafkaException>(() => broker.CreateTopic("events", 3)).Error.Code);
    }

    [Fact]
    public void Dispose_FreesThePort()
    {
        var broker = EmbeddedBroker.Start();
        using (Connect(broker))
        {
        }

        broker.Dispose();
        broker.Dispose();

        Assert.Throws<SocketException>(() => Connect(broker));
        Assert.Throws<ObjectDisposedException>(() => broker.CreateTopic("events", 1));
    }

    [Fact]
    public async Task Dispose_DoesNotWaitForConnectedClients()
    {
        var broker = EmbeddedBroker.Start();
        broker.CreateTopic("events", 2);
        using var producer = Producer(broker);
        producer.Produce("events", new Message<string, string> { Value = "v" });
        producer.Flush(_deadline.Token);
        using var consumer = Consumer(broker, "group");
        consumer.Subscribe("events");
        Consume(consumer, 1);

        await Task.Run(broker.Dispose, _deadline.Token).WaitAsync(TimeSpan.FromMinutes(1), _deadline.Token);
    }

    private static IProducer<string, string> Producer(EmbeddedBroker broker, Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 1, ReconnectBackoffMaxMs = 200 };
        configure?.Invoke(config);
        return new ProducerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
    }

    private static IConsumer<string, string> Consumer(
        EmbeddedBroker broker, string group, GroupProtocol protocol = GroupProtocol.Consumer, Action<ConsumerConfig>? configure = null)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = group,
            GroupProtocol = protocol,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            ReconnectBackoffMaxMs = 200,
            FetchWaitMaxMs = 10,
        };
        if (protocol == GroupProtocol.Classic)
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            config.SessionTimeoutMs = 2_000;
            config.HeartbeatIntervalMs = 100;
        }

        configure?.Invoke(config);
        return new ConsumerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
    }

    private static TcpClient Connect(EmbeddedBroker broker)
    {
        var endpoint = IPEndPoint.Parse(broker.BootstrapServers);
        return new TcpClient(endpoint.Address.ToString(), endpoint.Port);
    }

    private static int[] Counts(IEnumerable<ConsumeResult<string, string>> records) =>
        [.. records.CountBy(record => record.Partition.Value).OrderBy(count => count.Key).Select(count => count.Value)];

    private List<(int Partition, string Value)> Produce(EmbeddedBroker broker, string topic, int partitions, int each)
    {
        using var producer = Producer(broker);
        List<(int Partition, string Value)> sent = [];
        for (var i = 0; i < partitions * each; i++)
        {
            var partition = i % partitions;
            var value = $"record {i}";
            producer.Produce(new TopicPartition(topic, partition), new Message<string, string> { Value = value });
            sent.Add((partition, value));
        }

        producer.Flush(_deadline.Token);
        return sent;
    }

    private List<ConsumeResult<string, string>> Consume(IConsumer<string, string> consumer, int count)
    {
        List<ConsumeResult<string, string>> records = [];
        while (records.Count < count)
            records.Add(consumer.Consume(_deadline.Token));
        return records;
    }

    private void PollUntil(Func<bool> condition, params IConsumer<string, string>[] consumers)
    {
        while (!condition())
        {
            _deadline.Token.ThrowIfCancellationRequested();
            foreach (var consumer in consumers)
                Assert.Null(consumer.Consume(TimeSpan.FromMilliseconds(10)));
        }
    }

    /// <summary>Closes a consumer, but only once it has nothing left to give back.</summary>
    /// <remarks>Close alone can wait for ever if a rebalance of the classic protocol is under way (librdkafka issue 4041).</remarks>
    private void Leave(IConsumer<string, string> consumer)
    {
        consumer.Unsubscribe();
        while (consumer.Assignment.Count > 0)
        {
            _deadline.Token.ThrowIfCancellationRequested();
            consumer.Consume(TimeSpan.FromMilliseconds(10));
        }

        consumer.Close();
    }
}
