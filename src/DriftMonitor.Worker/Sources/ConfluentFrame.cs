using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>
/// Confluent's framing: a zero byte and the schema's number; before a Protobuf message also which one of the schema it is.
/// </summary>
/// <remarks>The schema is not looked up: what JSON and DriftMonitor's own message mean does not depend on it.</remarks>
/// <seealso href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format">Wire
/// format</seealso>
internal sealed class ConfluentFrame(PayloadFormat format) : IFrame
{
    /// <summary>The zero byte and the number.</summary>
    public const int HeadBytes = 5;

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        payload = [];
        if (value.Length < HeadBytes || value[0] != 0)
        {
            return RejectionReason.Malformed;
        }

        payload = value[HeadBytes..];
        return format is not (PayloadFormat.Protobuf or PayloadFormat.ModelInfer) || TrySkipIndex(ref payload)
            ? RejectionReason.None
            : RejectionReason.Malformed;
    }

    /// <summary>How many numbers, then each of them, as varints; a single 0 stands for the first message.</summary>
    private static bool TrySkipIndex(ref ReadOnlySpan<byte> payload)
    {
        if (!TryReadVarint(ref payload, out var zigzag) || (zigzag & 1) != 0)
        {
            return false;
        }

        for (var left = zigzag >> 1; left > 0; left--)
        {
            if (!TryReadVarint(ref payload, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> payload, out ulong value)
    {
        value = 0;
        for (var i = 0; i < payload.Length && i < 5; i++)
        {
            value |= (ulong)(payload[i] & 0x7f) << (7 * i);
            if (payload[i] < 0x80)
            {
                payload = payload[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
