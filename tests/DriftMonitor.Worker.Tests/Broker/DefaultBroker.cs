using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Broker;

namespace DriftMonitor.Worker.Tests.Broker;

/// <summary>
/// The broker that <c>DRIFTMONITOR_TEST_KAFKA</c> names, or else librdkafka's mock cluster in this process, which is then as strict as a
/// real one: a topic that was created is unknown until it has been looked for once in vain, and <see cref="RealBrokerRules"/> hold.
/// </summary>
public sealed class DefaultBroker : TestBroker
{
    private static readonly string? Named = Environment.GetEnvironmentVariable("DRIFTMONITOR_TEST_KAFKA") is { Length: > 0 } servers
        ? servers
        : null;
    private static readonly ConcurrentDictionary<string, DefaultBroker> Running = [];

    private readonly int? _embeddedBrokers;
    private readonly ConcurrentDictionary<string, TopicSpecification> _topics = [];
    private readonly HashSet<int> _sessionTimeouts = [];

    public DefaultBroker()
        : this(Named is null ? 1 : null)
    {
    }

    private DefaultBroker(int? embeddedBrokers) => _embeddedBrokers = embeddedBrokers;

    /// <summary>The cluster, when it is one that faults can be injected into.</summary>
    internal EmbeddedBroker? Embedded { get; private set; }

    public static async Task<DefaultBroker> StartAsync()
    {
        var broker = new DefaultBroker();
        await broker.InitializeAsync();
        return broker;
    }

    /// <summary>Embedded whatever is named, for a test that injects faults.</summary>
    public static async Task<DefaultBroker> StartEmbeddedAsync(int brokers)
    {
        var broker = new DefaultBroker(brokers);
        await broker.InitializeAsync();
        return broker;
    }

    /// <summary>The embedded broker of these servers, when it stands in for a real one.</summary>
    internal static DefaultBroker? StandIn(string bootstrapServers) => Running.GetValueOrDefault(bootstrapServers);

    public override ValueTask InitializeAsync()
    {
        if (_embeddedBrokers is { } brokers)
        {
            Embedded = EmbeddedBroker.Start(brokers);
            BootstrapServers = Embedded.BootstrapServers;
            Running[BootstrapServers] = this;
        }
        else
        {
            BootstrapServers = Named!;
        }

        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Embedded is not null)
        {
            Running.TryRemove(BootstrapServers, out _);
            using (Embedded)
            {
                _topics.Keys.ToList().ForEach(HasLooked);
                RealBrokerRules.CheckTimestamps(BootstrapServers, _topics.Values);
            }
        }
    }

    public override int SessionTimeoutMs(int embedded)
    {
        if (Embedded is null)
        {
            return base.SessionTimeoutMs(embedded);
        }

        _sessionTimeouts.Add(embedded);
        return embedded;
    }

    /// <summary>Whether a session timeout is what a test was told to use here, and not a number of its own.</summary>
    internal bool HasTold(int sessionTimeoutMs) => _sessionTimeouts.Contains(sessionTimeoutMs);

    internal override Task MakeAsync(TopicSpecification topic)
    {
        if (Embedded is null)
        {
            return base.MakeAsync(topic);
        }

        Embedded.CreateTopic(topic.Name, topic.NumPartitions);
        Embedded.SetTopicError(topic.Name, ErrorCode.UnknownTopicOrPart);
        _topics[topic.Name] = topic;
        return Task.CompletedTask;
    }

    private protected override void HasLooked(string topic) => Embedded?.SetTopicError(topic, ErrorCode.NoError);
}
