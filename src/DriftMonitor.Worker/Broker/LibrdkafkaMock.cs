using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Broker;

/// <summary>The functions of <c>rdkafka.h</c> and <c>rdkafka_mock.h</c> that <see cref="EmbeddedBroker"/> alone calls.</summary>
/// <remarks>
/// The mock API is outside librdkafka's promise of a stable ABI: check these signatures when the package's version changes. A function that
/// the library lacks is an <see cref="EntryPointNotFoundException"/> with its name.
/// </remarks>
internal static partial class LibrdkafkaMock
{
    private const string Name = Librdkafka.Name;

    static LibrdkafkaMock() => RuntimeHelpers.RunClassConstructor(typeof(Librdkafka).TypeHandle); // which finds the library

    /// <summary>Takes ownership of <paramref name="configuration"/>, unless it fails.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_new"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ClientNew(int type, nint configuration, Span<byte> error, nuint errorSize);

    [LibraryImport(Name, EntryPoint = "rd_kafka_destroy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ClientDestroy(nint client);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_new"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial MockCluster ClusterNew(nint client, int brokers);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_handle"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ClusterClient(nint cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_destroy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ClusterDestroy(nint cluster);

    /// <summary>The text belongs to the cluster.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_bootstraps"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint BootstrapServers(MockCluster cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode TopicCreate(MockCluster cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void GroupInitialRebalanceDelay(MockCluster cluster, int milliseconds);

    /// <summary>For groups of <c>group.protocol=consumer</c> (KIP-848), whose heartbeats the broker sets the pace of.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_set_group_consumer_heartbeat_interval_ms")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void GroupConsumerHeartbeatInterval(MockCluster cluster, int milliseconds);

    /// <summary>Likewise, after how long without a heartbeat a member counts as dead.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_set_group_consumer_session_timeout_ms")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void GroupConsumerSessionTimeout(MockCluster cluster, int milliseconds);

    /// <summary>A mock cluster and the client that it lives on.</summary>
    /// <remarks>A call under way keeps both alive; a call after disposal is an <see cref="ObjectDisposedException"/>.</remarks>
    internal sealed class MockCluster() : SafeHandle(invalidHandleValue: 0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            // The cluster runs on its client's memory: it must go first.
            var client = ClusterClient(handle);
            ClusterDestroy(handle);
            ClientDestroy(client);
            return true;
        }
    }
}
