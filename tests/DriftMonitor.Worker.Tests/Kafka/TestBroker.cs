using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Kafka;
using Testcontainers.Kafka;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>The Kafka that an integration test runs on: the embedded one, one that is already there, or one in Docker.</summary>
public abstract class TestBroker : IAsyncLifetime
{
    public string BootstrapServers { get; protected set; } = "";

    /// <summary>Why this broker cannot be had here, null when it can.</summary>
    public string? Missing { get; protected set; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>A topic with a name of its own, so that tests can share a broker.</summary>
    public async Task<string> CreateTopicAsync(string name, int partitions)
    {
        var topic = $"{name}-{Guid.NewGuid():N}";
        await CreateAsync(topic, partitions);
        return topic;
    }

    /// <summary>A panes topic, and those for rollups and feedback that belong to it: the embedded broker cannot be asked to make them.</summary>
    public async Task<string> CreatePanesTopicAsync(int partitions)
    {
        var topic = await CreateTopicAsync("panes", partitions);
        await CreateAsync($"{topic}.rollups", partitions);
        await CreateAsync($"{topic}.feedback", partitions);
        return topic;
    }

    /// <summary>A topic of just this name.</summary>
    public virtual async Task CreateAsync(string topic, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            Configs = new Dictionary<string, string> { ["max.message.bytes"] = "8388608" }, // else the monitor refuses it
        }]);
    }
}

/// <summary>librdkafka's mock cluster, in this process; or the broker that <c>DRIFTMONITOR_TEST_KAFKA</c> names.</summary>
public sealed class DefaultBroker : TestBroker
{
    private EmbeddedBroker? _embedded;

    public override ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("DRIFTMONITOR_TEST_KAFKA") is { Length: > 0 } servers)
        {
            BootstrapServers = servers;
        }
        else
        {
            _embedded = EmbeddedBroker.Start();
            BootstrapServers = _embedded.BootstrapServers;
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _embedded?.Dispose();
        return ValueTask.CompletedTask;
    }

    public override Task CreateAsync(string topic, int partitions)
    {
        if (_embedded is null)
        {
            return base.CreateAsync(topic, partitions);
        }

        _embedded.CreateTopic(topic, partitions);
        return Task.CompletedTask;
    }
}

/// <summary>A real Kafka in Docker.</summary>
public sealed class DockerBroker : TestBroker
{
    private KafkaContainer? _container;

    public override async ValueTask InitializeAsync()
    {
        try
        {
            // Pinned: the newest cp-kafka images fail with Testcontainers.
            _container = new KafkaBuilder("apache/kafka:3.9.1").Build();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            await _container.StartAsync(patience.Token);
            BootstrapServers = _container.GetBootstrapAddress();
        }
#pragma warning disable CA1031 // whatever keeps Docker from starting it is the reason to skip
        catch (Exception problem)
#pragma warning restore CA1031
        {
            Missing = $"Docker cannot run apache/kafka here: {problem.Message.ReplaceLineEndings(" ")}";
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }
}
