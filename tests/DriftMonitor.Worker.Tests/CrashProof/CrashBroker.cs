using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Kafka;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>What a crash run runs on: an embedded cluster of its own, or the broker that <c>DRIFTMONITOR_TEST_KAFKA</c> names where nothing need be done to it.</summary>
internal sealed class CrashBroker : IAsyncDisposable
{
    private readonly DefaultBroker? _existing;

    private CrashBroker(EmbeddedBroker? embedded, DefaultBroker? existing)
    {
        (Embedded, _existing) = (embedded, existing);
        BootstrapServers = embedded?.BootstrapServers ?? existing!.BootstrapServers;
    }

    /// <summary>Whether no other broker is named.</summary>
    public static bool IsEmbedded { get; } = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DRIFTMONITOR_TEST_KAFKA"));

    public string BootstrapServers { get; }

    /// <summary>The cluster, when it is one that faults can be injected into.</summary>
    public EmbeddedBroker? Embedded { get; }

    public static CrashBroker StartEmbedded(int brokers = 1) => new(EmbeddedBroker.Start(brokers), null);

    public static async Task<CrashBroker> StartAsync()
    {
        if (IsEmbedded)
        {
            return StartEmbedded();
        }

        var existing = new DefaultBroker();
        await existing.InitializeAsync();
        return new CrashBroker(null, existing);
    }

    public async Task<string> CreateTopicAsync(string name, int partitions)
    {
        if (_existing is not null)
        {
            return await _existing.CreateTopicAsync(name, partitions);
        }

        Embedded!.CreateTopic(name, partitions);
        return name;
    }

    /// <summary>A topic whose name another one's fixes.</summary>
    public async Task CreateNamedTopicAsync(string topic, int partitions)
    {
        if (_existing is not null)
        {
            await _existing.CreateAsync(topic, partitions);
            return;
        }

        Embedded!.CreateTopic(topic, partitions);
    }

    /// <summary>Delays every answer, so that there is more time to die in the middle of something; not on a broker that is not ours.</summary>
    public void SetRoundTripTime(TimeSpan time) => Embedded?.SetRoundTripTime(time);

    public ValueTask DisposeAsync()
    {
        Embedded?.Dispose();
        return _existing?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
