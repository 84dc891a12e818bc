namespace DriftMonitor.Worker.Kafka;

/// <summary>What an on-call engineer would do about a client's error. Each value is a label of the error counter, in lower case.</summary>
internal enum KafkaErrorKind
{
    /// <summary>A broker cannot be reached or does not answer: look at Kafka and the network.</summary>
    Unreachable,

    /// <summary>A broker does not know us or does not let us: look at credentials and ACLs.</summary>
    Denied,

    /// <summary>It cannot get better: a setting is wrong, or the client is of no more use. The process ends.</summary>
    Fatal,

    /// <summary>Anything else: the log has the code.</summary>
    Unexpected,
}
