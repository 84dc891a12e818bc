using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace DriftMonitor.Worker.Tests.Broker;

/// <summary>The Kafka that an integration test runs on: the embedded one, one that is already there, or one in Docker.</summary>
public abstract class TestBroker : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private List<IAdminClient>? _brokers;

    public string BootstrapServers { get; protected set; } = "";

    /// <summary>Why this broker cannot be had here, null when it can.</summary>
    public string? Missing { get; protected set; }

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync()
    {
        _brokers?.ForEach(broker => broker.Dispose());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The shortest session timeout of a classic group that this broker accepts.</summary>
    /// <param name="embedded">
    /// A shorter one, for the embedded broker: it takes any, and each of its rebalances lasts a session less a second.
    /// </param>
    public virtual int SessionTimeoutMs(int embedded) => RealBrokerRules.MinimumSessionMs;

    /// <summary>A topic with a name of its own, so that tests can share a broker.</summary>
    public async Task<string> CreateTopicAsync(string name, int partitions, bool anyTimestamp = false)
    {
        var topic = $"{name}-{Guid.NewGuid():N}";
        await CreateAsync(topic, partitions, anyTimestamp);
        return topic;
    }

    /// <summary>
    /// A panes topic, and those that belong to it: the embedded broker cannot be asked to make them.
    /// </summary>
    public async Task<string> CreatePanesTopicAsync(int partitions)
    {
        var topic = $"panes-{Guid.NewGuid():N}";
        await Task.WhenAll(
            CreateAsync(topic, partitions), CreateAsync($"{topic}.rollups", partitions), CreateAsync($"{topic}.status", partitions),
            CreateAsync($"{topic}.feedback", partitions), CreateAsync($"{topic}.calibrations", 1),
            CreateAsync($"{topic}.references", 1));
        return topic;
    }

    /// <summary>
    /// A topic of just this name, once every broker's metadata has it: one that has just been created is unknown for a while.
    /// </summary>
    /// <param name="topic">Its name.</param>
    /// <param name="partitions">How many partitions it gets.</param>
    /// <param name="anyTimestamp">Whether it takes records that are stamped more than an hour ahead, which brokers otherwise
    /// refuse.</param>
    public async Task CreateAsync(string topic, int partitions, bool anyTimestamp = false)
    {
        var configs = new Dictionary<string, string>
        {
            ["max.message.bytes"] = "8388608", // else the monitor refuses it
            ["retention.ms"] = "-1", // records carry the time of the recorded stream, which is long past
        };
        if (anyTimestamp)
        {
            configs[RealBrokerRules.TimestampAfterMax] = $"{long.MaxValue}";
        }

        await MakeAsync(new TopicSpecification { Name = topic, NumPartitions = partitions, Configs = configs });
        foreach (var broker in Brokers())
        {
            await Patience.UntilAsync($"{broker.Name} shows {topic}", () =>
            {
                var shows = Shows(broker, topic, partitions);
                HasLooked(topic);
                return shows;
            });
        }
    }

    internal virtual async Task MakeAsync(TopicSpecification topic)
    {
        using var admin = Admin(BootstrapServers);
        await admin.CreateTopicsAsync([topic]);
    }

    /// <summary>Called after each look at the metadata of a topic that has just been created.</summary>
    private protected virtual void HasLooked(string topic)
    {
    }

    private static IAdminClient Admin(string servers) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();

    /// <summary>All topics are asked for: to ask for one by its name makes it, wherever brokers make topics by themselves.</summary>
    private static bool Shows(IAdminClient broker, string topic, int partitions) => broker.GetMetadata(Timeout).Topics
        .Any(
            known =>
                known.Topic == topic && known.Partitions.Count == partitions && known.Partitions.All(partition => partition.Leader >= 0));

    /// <summary>A client for each broker, which asks only this one.</summary>
    private List<IAdminClient> Brokers()
    {
        if (_brokers is null)
        {
            using var admin = Admin(BootstrapServers);
            _brokers = [.. admin.GetMetadata(Timeout).Brokers.Select(broker => Admin($"{broker.Host}:{broker.Port}"))];
        }

        return _brokers;
    }
}
