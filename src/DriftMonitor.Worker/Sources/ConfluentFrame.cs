using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>
/// Confluent's framing: a zero byte and the schema's number; before a Protobuf message also which one of the schema it is.
/// </summary>
/// <remarks>The schema is not looked up: what JSON and the known messages mean does not depend on it.</remarks>
/// <seealso href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format">Wire
/// format</seealso>
internal sealed class ConfluentFrame(PayloadFormat format) : IFrame
{
    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        if (!ConfluentFraming.TryUnwrap(value, out _, out payload))
        {
            return RejectionReason.Malformed;
        }

        if (format == PayloadFormat.Json && !payload.IsEmpty && !"{[\""u8.Contains(payload[0]))
        {
            return RejectionReason.UnknownSchema; // Avro, most likely
        }

        var hasIndexes = format is PayloadFormat.Protobuf or PayloadFormat.ModelInfer;
        return !hasIndexes || ConfluentFraming.TrySkipMessageIndexes(ref payload) ? RejectionReason.None : RejectionReason.Malformed;
    }
}
