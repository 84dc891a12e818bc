namespace DriftMonitor.Worker.Configuration;

/// <summary>What is wrapped around the payload of a record.</summary>
internal enum SourceFrame
{
    /// <summary>Compressed with gzip (RFC 1952).</summary>
    Gzip,

    /// <summary>Confluent's framing: a zero byte and a schema's number; with Protobuf also the index of the message.</summary>
    Confluent,

    /// <summary>Kafka Connect's JSON converter: an object with <c>schema</c> and <c>payload</c>.</summary>
    Connect,

    /// <summary>A JSON string that holds a JSON document, as Debezium's outbox writes it.</summary>
    String,

    /// <summary>CloudEvents, binary or structured.</summary>
    CloudEvents,
}
