using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Kafka;
using MockCluster = DriftMonitor.Worker.Broker.LibrdkafkaMock.MockCluster;

namespace DriftMonitor.Worker.Tests.Broker;

/// <summary>What tests do to an embedded broker, and look up in it: faults, delays, retention, and the requests that it was sent.</summary>
internal static partial class EmbeddedBrokerFaults
{
    private const string Name = "librdkafka";
    private const int AllBrokers = -1;

    static EmbeddedBrokerFaults() =>
        NativeLibrary.SetDllImportResolver(
            typeof(EmbeddedBrokerFaults).Assembly, static (name, _, _) => name == Name ? Librdkafka.Handle : 0);

    /// <summary>The version of the library that the functions here are of.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_version")]
    public static partial int Version();

    /// <summary>Deletes a topic with its records. One that is created again under the same name begins at offset 0.</summary>
    /// <remarks>A consumer that is reading it is not told (librdkafka waits for metadata that has it again).</remarks>
    /// <exception cref="KafkaException">The topic does not exist.</exception>
    public static void DeleteTopic(this EmbeddedBroker broker, string name) => Check(TopicDelete(Cluster(broker), name));

    /// <summary>Deletes the records below an offset, as retention would: it becomes the partition's low watermark.</summary>
    /// <exception cref="KafkaException">The partition does not exist, or has no such offset.</exception>
    public static void DeleteRecords(this EmbeddedBroker broker, string topic, int partition, long beforeOffset) =>
        Check(PartitionDeleteRecords(Cluster(broker), topic, partition, beforeOffset));

    /// <summary>What every metadata request says of a topic, until <see cref="ErrorCode.NoError"/> is set.</summary>
    public static void SetTopicError(this EmbeddedBroker broker, string topic, ErrorCode error) =>
        TopicSetError(Cluster(broker), topic, error);

    /// <summary>Narrows the versions of a request that the brokers offer to clients that connect from now on.</summary>
    /// <remarks>-1 and -1 for a request that is not offered at all; the highest version is at most what the mock implements.</remarks>
    public static void SetApiVersions(this EmbeddedBroker broker, short apiKey, short minimum, short maximum) =>
        Check(SetApiVersion(Cluster(broker), apiKey, minimum, maximum));

    /// <summary>Forgets the requests recorded so far and records those that arrive from now on.</summary>
    public static void TrackRequests(this EmbeddedBroker broker)
    {
        ClearRequests(Cluster(broker));
        StartRequestTracking(Cluster(broker));
    }

    /// <summary>The kinds of the requests since <see cref="TrackRequests"/>, in the order of their arrival.</summary>
    public static short[] TrackedRequests(this EmbeddedBroker broker)
    {
        var requests = GetRequests(Cluster(broker), out var count);
        var apiKeys = new short[(int)count];
        for (var i = 0; i < apiKeys.Length; i++)
        {
            apiKeys[i] = RequestApiKey(Marshal.ReadIntPtr(requests, i * nint.Size));
        }

        RequestDestroyArray(requests, count);
        return apiKeys;
    }

    /// <summary>Cuts every connection of a broker and refuses new ones; its partitions keep their leader and their records.</summary>
    public static void SetBrokerDown(this EmbeddedBroker broker, int id) => Check(BrokerSetDown(Cluster(broker), id));

    /// <summary>Lets a broker accept connections again, on the same port.</summary>
    public static void SetBrokerUp(this EmbeddedBroker broker, int id) => Check(BrokerSetUp(Cluster(broker), id));

    /// <summary>Delays every answer of every broker.</summary>
    public static void SetRoundTripTime(this EmbeddedBroker broker, TimeSpan time) =>
        Check(BrokerSetRoundTripTime(Cluster(broker), AllBrokers, (int)time.TotalMilliseconds));

    /// <summary>Fails the next requests of one kind, one for each of <paramref name="errors"/>, in order.</summary>
    /// <remarks>
    /// The kind is its number in the Kafka protocol: 0 Produce, 1 Fetch, 8 OffsetCommit, …; <see cref="ErrorCode.Local_Transport"/> cuts
    /// the connection.
    /// </remarks>
    public static void PushRequestErrors(this EmbeddedBroker broker, short apiKey, params ReadOnlySpan<ErrorCode> errors) =>
        PushRequestErrors(Cluster(broker), apiKey, (nuint)errors.Length, errors);

    /// <summary>Forgets the errors that were pushed for one kind of request.</summary>
    public static void ClearRequestErrors(this EmbeddedBroker broker, short apiKey) => ClearRequestErrors(Cluster(broker), apiKey);

    /// <summary>Makes a broker the coordinator of a consumer group.</summary>
    public static void SetCoordinator(this EmbeddedBroker broker, string group, int brokerId) =>
        Check(CoordinatorSet(Cluster(broker), "group", group, brokerId));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_cluster")]
    private static extern ref MockCluster Cluster(EmbeddedBroker broker);

    private static void Check(ErrorCode error)
    {
        if (error != ErrorCode.NoError)
        {
            throw new KafkaException(error);
        }
    }

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_delete", StringMarshalling = StringMarshalling.Utf8)]
    private static partial ErrorCode TopicDelete(MockCluster cluster, string topic);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_set_error", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void TopicSetError(MockCluster cluster, string topic, ErrorCode error);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_partition_delete_records", StringMarshalling = StringMarshalling.Utf8)]
    private static partial ErrorCode PartitionDeleteRecords(MockCluster cluster, string topic, int partition, long beforeOffset);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_set_apiversion")]
    private static partial ErrorCode SetApiVersion(MockCluster cluster, short apiKey, short minimum, short maximum);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_start_request_tracking")]
    private static partial void StartRequestTracking(MockCluster cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_clear_requests")]
    private static partial void ClearRequests(MockCluster cluster);

    /// <summary>An array of pointers to requests, which <see cref="RequestDestroyArray"/> frees.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_get_requests")]
    private static partial nint GetRequests(MockCluster cluster, out nuint count);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_request_api_key")]
    private static partial short RequestApiKey(nint request);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_request_destroy_array")]
    private static partial void RequestDestroyArray(nint requests, nuint count);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial ErrorCode BrokerSetDown(MockCluster cluster, int brokerId);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial ErrorCode BrokerSetUp(MockCluster cluster, int brokerId);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    private static partial ErrorCode BrokerSetRoundTripTime(MockCluster cluster, int brokerId, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushRequestErrors(MockCluster cluster, short apiKey, nuint count, ReadOnlySpan<ErrorCode> errors);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    private static partial void ClearRequestErrors(MockCluster cluster, short apiKey);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial ErrorCode CoordinatorSet(MockCluster cluster, string keyType, string key, int brokerId);
}
