using Testcontainers.Kafka;

namespace DriftMonitor.Worker.Tests.Broker;

/// <summary>A real Kafka in Docker.</summary>
public sealed class DockerBroker : TestBroker
{
    private KafkaContainer? _container;

    public override async ValueTask InitializeAsync()
    {
        try
        {
            // Pinned: the newest cp-kafka images fail with Testcontainers, and groups of KIP-848 need Kafka 4.
            _container = new KafkaBuilder("apache/kafka:4.0.0").Build();
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
        await base.DisposeAsync();
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }
}
