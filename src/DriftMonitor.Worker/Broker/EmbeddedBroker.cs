using System.Runtime.InteropServices;
using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Broker;

/// <summary>
/// A Kafka cluster inside this process, on ports of the loopback interface: librdkafka's own mock, for the demo and the tests.
/// </summary>
/// <remarks>
/// <para>It speaks the real protocol to real clients: produce, fetch, committed offsets, consumer groups of both protocols
/// with cooperative rebalancing.</para>
/// <para>What a client should set for it: <c>fetch.wait.max.ms</c> to 10, since a fetch that waits is not woken by a new record.
/// With the classic group protocol <c>session.timeout.ms</c> to 2 s: every rebalance but a group's first lasts that less 1 s (so 44 s with
/// the default), and less will not do, since an idle client's heartbeats are up to a second apart. With
/// <c>group.protocol=consumer</c> a rebalance takes 0.1 s, but the topic must exist before the group joins.</para>
/// <para>What it does not do: a partition keeps its last 5 MiB (or 100,000 batches) and nothing can raise that; everything lives in
/// memory and ends with <see cref="Dispose"/>; transactions neither isolate nor fence; a lookup of offsets by time answers the end
/// of the partition; a delivery report's timestamp is made up (the record's is kept); topics cannot be created through the admin
/// protocol, but one that a producer or an admin client asks for is made with four partitions.</para>
/// <para>Thread safety: every member may be called from any thread. Broker ids start at 1.</para>
/// </remarks>
internal sealed class EmbeddedBroker : IDisposable
{
    private const int Producer = 0;
    private const int ErrorSize = 512;
    private const int GroupInitialRebalanceDelayMs = 50;
    private const int GroupHeartbeatIntervalMs = 100;
    private const int GroupSessionTimeoutMs = 2_000;

    private readonly LibrdkafkaMock.MockCluster _cluster;
    private readonly int _replicationFactor;

    private EmbeddedBroker(LibrdkafkaMock.MockCluster cluster, int brokers)
    {
        _cluster = cluster;
        _replicationFactor = Math.Min(3, brokers);
        BootstrapServers = Marshal.PtrToStringUTF8(LibrdkafkaMock.BootstrapServers(cluster))!;
    }

    /// <summary>The brokers' addresses, <c>host:port</c> with commas between.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a cluster of <paramref name="brokers"/> brokers with free ports.</summary>
    public static EmbeddedBroker Start(int brokers = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);
        var client = NewClient();
        var cluster = LibrdkafkaMock.ClusterNew(client, brokers);
        if (cluster.IsInvalid)
        {
            LibrdkafkaMock.ClientDestroy(client);
            throw new InvalidOperationException($"librdkafka could not start a mock cluster of {brokers} brokers");
        }

        LibrdkafkaMock.GroupInitialRebalanceDelay(cluster, GroupInitialRebalanceDelayMs);
        LibrdkafkaMock.GroupConsumerHeartbeatInterval(cluster, GroupHeartbeatIntervalMs);
        LibrdkafkaMock.GroupConsumerSessionTimeout(cluster, GroupSessionTimeoutMs);
        return new EmbeddedBroker(cluster, brokers);
    }

    /// <exception cref="KafkaException">The topic exists already.</exception>
    public void CreateTopic(string name, int partitions)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        Check(LibrdkafkaMock.TopicCreate(_cluster, name, partitions, _replicationFactor));
    }

    /// <summary>Stops the brokers and frees their ports. Clients that are still connected see a broken connection.</summary>
    public void Dispose() => _cluster.Dispose();

    private static nint NewClient()
    {
        Span<byte> error = stackalloc byte[ErrorSize];
        var configuration = Librdkafka.ConfigurationNew();
        // Only errors: the client that owns the cluster has no broker itself and would say so on standard error.
        var level = ((int)SyslogLevel.Error).ToString(CultureInfo.InvariantCulture);
        if (Librdkafka.ConfigurationSet(configuration, "log_level", level, error, ErrorSize) == 0)
        {
            var client = LibrdkafkaMock.ClientNew(Producer, configuration, error, ErrorSize);
            if (client != 0)
                return client;
        }

        Librdkafka.ConfigurationDestroy(configuration);
        throw new InvalidOperationException($"librdkafka could not start the mock cluster's client: {Text(error)}");
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static void Check(ErrorCode error)
    {
        if (error != ErrorCode.NoError)
            throw new KafkaException(error);
    }
}
