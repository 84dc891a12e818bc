using System.Collections.Frozen;
using Confluent.Kafka;
using static Confluent.Kafka.ErrorCode;

namespace DriftMonitor.Worker.Kafka;

/// <summary>The kind of each error, and what to change where it follows from the configuration.</summary>
/// <remarks>
/// An error is <see cref="KafkaErrorKind.Fatal"/> when trying again cannot make it better: it follows from a setting (there is
/// advice), or the client is of no more use. librdkafka's own flag makes any error fatal. Whether we are let in may change at any time (an
/// ACL, a password), and so may what a topic is.
/// </remarks>
internal static class KafkaErrorKinds
{
    private const string ProtectedListener = "Kafka:Client:security.protocol must be that of the brokers' listener";
    private const string OldBrokers =
        "the brokers are too old for what is asked: Kafka:Client:group.protocol=consumer needs Kafka 4, anything else Kafka 2.4";
    private const string NewTopics = "make the topic by hand, or change Kafka:PanesPartitions";
    private const string LargeRecords =
        "the topic's max.message.bytes and Kafka:Client:receive.message.max.bytes must be larger than its largest record";

    /// <summary>Errors that follow from the configuration, and what to change.</summary>
    private static readonly FrozenDictionary<ErrorCode, string> Advices = new Dictionary<ErrorCode, string>
    {
        [InvalidSessionTimeout] =
            "Kafka:Client:session.timeout.ms must lie between the brokers' group.min.session.timeout.ms and group.max.session.timeout.ms",
        [InconsistentGroupProtocol] =
            "Kafka:Client:group.protocol and partition.assignment.strategy must be those of all other members, or Kafka:GroupId another",
        [UnsupportedAssignor] = "Kafka:Client:group.remote.assignor must be one of the brokers' group.consumer.assignors",
        [InvalidGroupId] = "Kafka:GroupId must be a name that the brokers allow",
        [GroupIdNotFound] =
            "the group is of another Kafka:Client:group.protocol: stop all of its members before changing that, or choose another "
            + "Kafka:GroupId",
        [UnsupportedSaslMechanism] = "Kafka:Client:sasl.mechanism must be one of the brokers' sasl.enabled.mechanisms",
        [IllegalSaslState] = ProtectedListener,
        [SecurityDisabled] = ProtectedListener,
        [InvalidPrincipalType] = ProtectedListener,
        [UnsupportedVersion] = OldBrokers,
        [Local_UnsupportedFeature] = OldBrokers,
        [UnsupportedForMessageFormat] = "the topic's message.format.version must be at least 0.11",
        [UnsupportedCompressionType] = "Kafka:Client:compression.type must be one that the brokers know",
        [InvalidRequiredAcks] = "Kafka:Client:acks must be all",
        [InvalidTransactionTimeout] = "Kafka:Client:transaction.timeout.ms must be at most the brokers' transaction.max.timeout.ms",
        [InvalidTimestamp] =
            "our records bear the monitor's clock: set it, or the topic's log.message.timestamp.before.max.ms and .after.max.ms",
        [TopicException] = "the names of topics under Kafka, Feedback and DeadLetter must be such as Kafka allows",
        [PolicyViolation] = NewTopics,
        [InvalidConfig] = NewTopics,
        [InvalidPartitions] = NewTopics,
        [InvalidReplicationFactor] = "the brokers' default.replication.factor is more than there are brokers: make the topic by hand",
        [InvalidReplicaAssignment] = NewTopics,
        [MsgSizeTooLarge] = LargeRecords,
        [InvalidMsgSize] = LargeRecords,
        [RecordListTooLarge] = LargeRecords,
        [OffsetMetadataTooLarge] = "the brokers' offset.metadata.max.bytes must not be 0",
        [InvalidCommitOffsetSize] = "the brokers' offset.metadata.max.bytes must not be 0",
        [Local_NotConfigured] = "a property under Kafka:Client is missing",
        [Local_InvalidArg] = "a property under Kafka:Client is wrong",
        [Local_UnknownProtocol] = ProtectedListener,
    }.ToFrozenDictionary();

    /// <summary>Those that one broker may answer with while the brokers' listeners are being changed, one after the other.</summary>
    private static readonly ErrorCode[] Passing = [UnsupportedSaslMechanism, IllegalSaslState];

    /// <summary>The kind of each code that says what to do; all others are unexpected.</summary>
    public static readonly FrozenDictionary<ErrorCode, KafkaErrorKind> Kinds = Of(
        (KafkaErrorKind.Fatal, [
            .. Advices.Keys.Except(Passing),
            FencedInstanceId, ProducerFenced, TransactionCoordinatorFenced, Local_Fenced, // another has taken our place
            Local_Fatal, Local_GaplessGuarantee, Local_CritSysResource,
            // our mistake
            Local_NotImplemented, Local_Conflict, Local_InvalidType, Local_ReadOnly, Local_ExistingSubscription, Local_Application,
        ]),
        (KafkaErrorKind.Unreachable, [
            Local_Transport, Local_AllBrokersDown, Local_Resolve, Local_TimedOut, Local_TimedOutQueue, Local_MsgTimedOut,
            RequestTimedOut, BrokerNotAvailable, NetworkException,
        ]),
        (KafkaErrorKind.Denied, [
            .. Passing,
            Local_Authentication, Local_Ssl, SaslAuthenticationFailed,
            TopicAuthorizationFailed, GroupAuthorizationFailed, ClusterAuthorizationFailed, TransactionalIdAuthorizationFailed,
            DelegationTokenAuthDisabled, DelegationTokenNotFound, DelegationTokenOwnerMismatch, DelegationTokenRequestNotAllowed,
            DelegationTokenAuthorizationFailed, DelegationTokenExpired, PrincipalDeserializationFailure, UnacceptableCredential,
        ]));

    public static KafkaErrorKind Kind(this Error error) =>
        error.IsFatal ? KafkaErrorKind.Fatal : Kinds.GetValueOrDefault(error.Code, KafkaErrorKind.Unexpected);

    /// <summary>What to change; null when the error does not follow from the configuration.</summary>
    public static string? Advice(ErrorCode code) => Advices.GetValueOrDefault(code);

    /// <summary>The reason, and what to change.</summary>
    public static string Text(this Error error) =>
        Advice(error.Code) is { } advice ? $"{error.Reason} ({error.Code}): {advice}" : error.Reason;

    /// <summary>Why a request failed; of one about several partitions, the first that did.</summary>
    public static Error Cause(this KafkaException problem) => problem switch
    {
        TopicPartitionOffsetException offsets => offsets.Results.Find(result => result.Error.IsError)?.Error ?? problem.Error,
        TopicPartitionException partitions => partitions.Results.Find(result => result.Error.IsError)?.Error ?? problem.Error,
        _ => problem.Error,
    };

    private static FrozenDictionary<ErrorCode, KafkaErrorKind> Of(params (KafkaErrorKind Kind, ErrorCode[] Codes)[] kinds) =>
        kinds.SelectMany(kind => kind.Codes.Select(code => (Code: code, kind.Kind)))
            .ToDictionary(kind => kind.Code, kind => kind.Kind) // fails when a code is in two lists
            .ToFrozenDictionary();
}
