using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

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
