using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Broker;

/// <summary>
/// The functions of <c>rdkafka.h</c> and <c>rdkafka_mock.h</c> that <see cref="EmbeddedBroker"/> calls, in the native library
/// that Confluent.Kafka loaded.
/// </summary>
/// <remarks>
/// Confluent.Kafka brings several builds and takes the first whose dependencies the machine can meet, so its name cannot be known
/// beforehand: it is looked up among the modules of this process. The mock API is outside librdkafka's promise of a stable ABI:
/// check these signatures when the package's version changes. A function that the library lacks is an
/// <see cref="EntryPointNotFoundException"/> with its name.
/// </remarks>
internal static partial class LibrdkafkaMock
{
    private const string Librdkafka = "librdkafka";

    private static readonly Lazy<nint> Loaded = new(LoadedByConfluent);

    static LibrdkafkaMock() => NativeLibrary.SetDllImportResolver(
        typeof(LibrdkafkaMock).Assembly, static (name, _, _) => name == Librdkafka ? Loaded.Value : 0);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_version"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int Version();

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_conf_new"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ConfigurationNew();

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_conf_destroy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ConfigurationDestroy(nint configuration);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int ConfigurationSet(nint configuration, string name, string value, Span<byte> error, nuint errorSize);

    /// <summary>Takes ownership of <paramref name="configuration"/>, unless it fails.</summary>
    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_new"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ClientNew(int type, nint configuration, Span<byte> error, nuint errorSize);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_destroy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ClientDestroy(nint client);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_cluster_new"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial MockCluster ClusterNew(nint client, int brokers);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_cluster_handle"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ClusterClient(nint cluster);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_cluster_destroy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ClusterDestroy(nint cluster);

    /// <summary>The text belongs to the cluster.</summary>
    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_cluster_bootstraps"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint BootstrapServers(MockCluster cluster);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode TopicCreate(MockCluster cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_topic_delete", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode TopicDelete(MockCluster cluster, string topic);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_topic_set_error", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void TopicSetError(MockCluster cluster, string topic, ErrorCode error);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_partition_delete_records", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode PartitionDeleteRecords(MockCluster cluster, string topic, int partition, long beforeOffset);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_set_apiversion"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode SetApiVersion(MockCluster cluster, short apiKey, short minimum, short maximum);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_start_request_tracking")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void StartRequestTracking(MockCluster cluster);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_clear_requests"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ClearRequests(MockCluster cluster);

    /// <summary>An array of pointers to requests, which <see cref="RequestDestroyArray"/> frees.</summary>
    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_get_requests"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint GetRequests(MockCluster cluster, out nuint count);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_request_api_key"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial short RequestApiKey(nint request);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_request_destroy_array")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void RequestDestroyArray(nint requests, nuint count);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void GroupInitialRebalanceDelay(MockCluster cluster, int milliseconds);

    /// <summary>For groups of <c>group.protocol=consumer</c> (KIP-848), whose heartbeats the broker sets the pace of.</summary>
    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_set_group_consumer_heartbeat_interval_ms")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void GroupConsumerHeartbeatInterval(MockCluster cluster, int milliseconds);

    /// <summary>Likewise, after how long without a heartbeat a member counts as dead.</summary>
    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_set_group_consumer_session_timeout_ms")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void GroupConsumerSessionTimeout(MockCluster cluster, int milliseconds);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_broker_set_down"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode BrokerSetDown(MockCluster cluster, int brokerId);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_broker_set_up"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode BrokerSetUp(MockCluster cluster, int brokerId);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_broker_set_rtt"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode BrokerSetRoundTripTime(MockCluster cluster, int brokerId, int milliseconds);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void PushRequestErrors(MockCluster cluster, short apiKey, nuint count, ReadOnlySpan<ErrorCode> errors);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ClearRequestErrors(MockCluster cluster, short apiKey);

    [LibraryImport(Librdkafka, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial ErrorCode CoordinatorSet(MockCluster cluster, string keyType, string key, int brokerId);

    private static nint LoadedByConfluent()
    {
        Library.Load();
        using var process = Process.GetCurrentProcess();
        // "librdkafka." leaves out librdkafkacpp, which stands beside it on Windows.
        var path = process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(file => Path.GetFileName(file).Contains("librdkafka.", StringComparison.OrdinalIgnoreCase));

        // macOS does not list its modules; there is only one build for it, so the name settles it.
        return path is not null
            ? NativeLibrary.Load(path)
            : NativeLibrary.Load(Librdkafka, typeof(Library).Assembly, searchPath: null);
    }

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
