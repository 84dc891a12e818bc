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
    private const int AllBrokers = -1;
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

    /// <summary>Deletes a topic with its records. One that is created again under the same name begins at offset 0.</summary>
    /// <remarks>A consumer that is reading it is not told (librdkafka waits for metadata that has it again).</remarks>
    /// <exception cref="KafkaException">The topic does not exist.</exception>
    public void DeleteTopic(string name) => Check(LibrdkafkaMock.TopicDelete(_cluster, name));

    /// <summary>Deletes the records below an offset, as retention would: it becomes the partition's low watermark.</summary>
    /// <exception cref="KafkaException">The partition does not exist, or has no such offset.</exception>
    public void DeleteRecords(string topic, int partition, long beforeOffset) =>
        Check(LibrdkafkaMock.PartitionDeleteRecords(_cluster, topic, partition, beforeOffset));

    /// <summary>What every metadata request says of a topic, until <see cref="ErrorCode.NoError"/> is set.</summary>
    public void SetTopicError(string topic, ErrorCode error) => LibrdkafkaMock.TopicSetError(_cluster, topic, error);

    /// <summary>Narrows the versions of a request that the brokers offer to clients that connect from now on.</summary>
    /// <param name="apiKey">The number of the request in the Kafka protocol.</param>
    /// <param name="minimum">The lowest version; -1 with a <paramref name="maximum"/> of -1 for a request that is not offered at all.</param>
    /// <param name="maximum">The highest version, at most what the mock implements.</param>
    public void SetApiVersions(short apiKey, short minimum, short maximum) =>
        Check(LibrdkafkaMock.SetApiVersion(_cluster, apiKey, minimum, maximum));

    /// <summary>Forgets the requests recorded so far and records those that arrive from now on.</summary>
    public void TrackRequests()
    {
        LibrdkafkaMock.ClearRequests(_cluster);
        LibrdkafkaMock.StartRequestTracking(_cluster);
    }

    /// <summary>The kinds of the requests since <see cref="TrackRequests"/>, in the order of their arrival.</summary>
    public short[] TrackedRequests()
    {
        var requests = LibrdkafkaMock.GetRequests(_cluster, out var count);
        var apiKeys = new short[(int)count];
        for (var i = 0; i < apiKeys.Length; i++)
            apiKeys[i] = LibrdkafkaMock.RequestApiKey(Marshal.ReadIntPtr(requests, i * nint.Size));
        LibrdkafkaMock.RequestDestroyArray(requests, count);
        return apiKeys;
    }

    /// <summary>Cuts every connection of a broker and refuses new ones; its partitions keep their leader and their records.</summary>
    public void SetBrokerDown(int id) => Check(LibrdkafkaMock.BrokerSetDown(_cluster, id));

    /// <summary>Lets a broker accept connections again, on the same port.</summary>
    public void SetBrokerUp(int id) => Check(LibrdkafkaMock.BrokerSetUp(_cluster, id));

    /// <summary>Delays every answer of every broker.</summary>
    public void SetRoundTripTime(TimeSpan time) =>
        Check(LibrdkafkaMock.BrokerSetRoundTripTime(_cluster, AllBrokers, (int)time.TotalMilliseconds));

    /// <summary>Fails the next requests of one kind, one for each of <paramref name="errors"/>, in order.</summary>
    /// <param name="apiKey">The number of the request in the Kafka protocol: 0 Produce, 1 Fetch, 8 OffsetCommit, …</param>
    /// <param name="errors">What to answer; <see cref="ErrorCode.Local_Transport"/> cuts the connection instead.</param>
    public void PushRequestErrors(short apiKey, params ReadOnlySpan<ErrorCode> errors) =>
        LibrdkafkaMock.PushRequestErrors(_cluster, apiKey, (nuint)errors.Length, errors);

    /// <summary>Forgets the errors that were pushed for one kind of request.</summary>
    public void ClearRequestErrors(short apiKey) => LibrdkafkaMock.ClearRequestErrors(_cluster, apiKey);

    /// <summary>Makes a broker the coordinator of a consumer group.</summary>
    public void SetCoordinator(string group, int brokerId) =>
        Check(LibrdkafkaMock.CoordinatorSet(_cluster, "group", group, brokerId));

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
