using System.Collections.Concurrent;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>
/// Whatever a consumer is in the middle of, it leaves its group, its own fault is the one that is told, and disposing it ends.
/// </summary>
public sealed class LeavingTests : IDisposable
{
    private const short SyncGroup = 14;

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(); // a real one cannot be asked what has arrived

    public LeavingTests() => _broker.CreateTopic("numbers", 2);

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData("classic", "open", false)]
    [InlineData("consumer", "open", false)]
    [InlineData("classic", "open", true)]
    [InlineData("consumer", "open", true)]
    [InlineData("classic", "close", true)]
    [InlineData("consumer", "close", true)]
    [InlineData("classic", "end", true)]
    [InlineData("consumer", "end", true)]
    public async Task A_consumer_that_is_stopped_or_fails_within_a_handler_leaves_and_is_disposed(
        string protocol, string within, bool fails)
    {
        await using var scraped = await ScrapedMonitor.Start("numbers");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var member = new Member(_broker.BootstrapServers, protocol, scraped);
        member.On = step =>
        {
            if (step == within)
            {
                stop.Cancel();
                throw fails ? new InvalidOperationException("broken") : new OperationCanceledException(stop.Token);
            }

            if (within == "close")
            {
                stop.Cancel();
            }
        };

        var run = LongRunning(() => member.Run(stop.Token));
        if (fails)
        {
            Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => run)).Message);
        }
        else
        {
            await run;
        }

        await LongRunning(member.Dispose);
    }

    /// <summary>It keeps a partition through a rebalance, and is given the other one when it has begun to leave.</summary>
    [Fact]
    public async Task A_member_that_is_stopped_while_its_group_rebalances_leaves_and_is_disposed()
    {
        await using var scraped = await ScrapedMonitor.Start("numbers");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var stopOther = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var stays = new Member(_broker.BootstrapServers, "classic", scraped)
        {
            On = step =>
            {
                if (step == "open")
                {
                    stop.Token.ThrowIfCancellationRequested(); // as what takes long does
                }
            },
        };
        using var goes = new Member(_broker.BootstrapServers, "classic", scraped);
        var run = LongRunning(() => stays.Run(stop.Token));
        await Patience.UntilAsync("the first has both", () => stays.Held == 2);
        var runOther = LongRunning(() => goes.Run(stopOther.Token));
        await Patience.UntilAsync("each has one", () => stays.Held == 1 && goes.Held == 1);

        _broker.TrackRequests();
        _broker.SetRoundTripTime(TimeSpan.FromMilliseconds(300));
        await stopOther.CancelAsync();
        await Patience.UntilAsync("the first asks what it is given", () => _broker.TrackedRequests().Contains(SyncGroup));
        await stop.CancelAsync();

        await runOther;
        await run;
        await LongRunning(stays.Dispose);
    }

    /// <summary>
    /// librdkafka fetches nothing while a rebalance handler runs, and reports ends anew: until then nobody knows what has come.
    /// </summary>
    [Theory]
    [InlineData("classic")]
    [InlineData("consumer")]
    public async Task The_end_of_a_partition_that_is_kept_through_a_rebalance_is_unknown_until_it_is_reported_again(string protocol)
    {
        await using var scraped = await ScrapedMonitor.Start("numbers");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var first = new Member(_broker.BootstrapServers, protocol, scraped);
        using var second = new Member(_broker.BootstrapServers, protocol, scraped);
        var run = LongRunning(() => first.Run(stop.Token));
        await Patience.UntilAsync("both are at their ends", () => first.AtEnd == 2);
        first.Steps.Clear();

        var runOther = LongRunning(() => second.Run(stop.Token));
        await Patience.UntilAsync("each has one, and is at its end", () => first.Held == 1 && second.Held == 1 && first.AtEnd == 1);

        var steps = first.Steps.ToList();
        Assert.InRange(steps.IndexOf("interrupt"), 0, steps.LastIndexOf("end"));
        await stop.CancelAsync();
        await run;
        await runOther;
    }

    private static Task LongRunning(Action action) => Task.Factory
        .StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private sealed class Partition
    {
        public bool AtEnd { get; set; }
    }

    private sealed class Member(string brokers, string protocol, ScrapedMonitor scraped)
        : PartitionConsumer<Ignore, Partition>(
            scraped.Connection(Client(brokers, protocol)), KafkaClient.Predictions,
            KafkaClients.Consumer(Client(brokers, protocol), "group"), ["numbers"], Deserializers.Ignore)
    {
        private volatile int _held;
        private volatile int _atEnd;

        public Action<string> On { get; set; } = _ => { };

        public ConcurrentQueue<string> Steps { get; } = [];

        public int Held => _held;

        public int AtEnd => _atEnd;

        protected override IEnumerable<(Partition State, TopicPartitionOffset Start)> Open(IReadOnlyList<TopicPartition> assigned)
        {
            Note("open");
            return assigned.Select(partition => (new Partition(), new TopicPartitionOffset(partition, Offset.Beginning)));
        }

        protected override void Read(Partition partition, ConsumeResult<Ignore, Ignore> record)
        {
        }

        protected override void ReachedEnd(Partition partition, long offset)
        {
            partition.AtEnd = true;
            Note("end");
        }

        protected override void Interrupt(Partition partition)
        {
            partition.AtEnd = false;
            Note("interrupt");
        }

        protected override void CountUnreadable(string topic)
        {
        }

        protected override void NoteLoss(Partition partition, LostRecords lost)
        {
        }

        protected override void Tick(long nowMs)
        {
            _held = Partitions.Count;
            _atEnd = Partitions.Count(partition => partition.AtEnd);
        }

        protected override void Close(IReadOnlyList<Partition> partitions, bool lost) => Note("close");

        private void Note(string step)
        {
            Steps.Enqueue(step);
            On(step);
        }

        private static ClientSettings Client(string brokers, string protocol) =>
            ConfigurationReader.Read(new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("Kafka:BootstrapServers", brokers),
                new("Kafka:Client:fetch.wait.max.ms", "10"),
                new("Kafka:Client:group.protocol", protocol),
                .. protocol == "classic" ? new KeyValuePair<string,
                string?>[] { new("Kafka:Client:session.timeout.ms", "3000"), new("Kafka:Client:heartbeat.interval.ms", "500") } : [],
            ]).Build()).Client;
    }
}
