using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What an on-call engineer would do about a client's error. Each value is a label of the error counter, in lower case.</summary>
internal enum KafkaErrorKind
{
    /// <summary>A broker cannot be reached or does not answer: look at Kafka and the network.</summary>
    Unreachable,

    /// <summary>A broker does not know us or does not let us: look at credentials and ACLs.</summary>
    Denied,

    /// <summary>The client cannot go on, and the process ends.</summary>
    Fatal,

    /// <summary>Anything else: the log has the code.</summary>
    Unexpected,
}

/// <summary>The kind of an error.</summary>
internal static class KafkaErrorKinds
{
    public static KafkaErrorKind Kind(this Error error) => error switch
    {
        { IsFatal: true } => KafkaErrorKind.Fatal,
        {
            Code: ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve or ErrorCode.Local_TimedOut
            or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_MsgTimedOut or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable
        } => KafkaErrorKind.Unreachable,
        {
            Code: ErrorCode.Local_Authentication or ErrorCode.Local_Ssl or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism
            or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
            or ErrorCode.TransactionalIdAuthorizationFailed
        } => KafkaErrorKind.Denied,
        _ => KafkaErrorKind.Unexpected,
    };
}
