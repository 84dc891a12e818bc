namespace DriftMonitor.Worker.Formats;

/// <summary>What must be known of a protobuf message before the generated parser may have it.</summary>
/// <remarks>
/// The parser merges a member of a oneof that comes again by copying what it has: a megabyte of the same small output would take it 100 GB.
/// By the specification the later one is merged into the earlier one, or replaces it; a prediction has one output, as in JSON.
/// </remarks>
internal static class ProtobufFraming
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    /// <summary>Goes over the fields of a message, without looking into them.</summary>
    /// <param name="firstOfOneof">The least field number of a oneof.</param>
    /// <param name="lastOfOneof">The greatest.</param>
    /// <returns>
    /// Why it cannot be parsed: its fields are none, or there are several of the oneof. Groups, which proto3 does not have, are refused,
    /// too.
    /// </returns>
    public static RejectionReason Check(ReadOnlySpan<byte> bytes, int firstOfOneof, int lastOfOneof)
    {
        var (found, problem) = (0u, RejectionReason.None);
        while (!bytes.IsEmpty)
        {
            if (!TryTakeVarint(ref bytes, out var tag) || !TrySkip(ref bytes, (int)(tag & 7)))
            {
                return RejectionReason.Malformed;
            }

            var field = (uint)tag >> 3; // as the parser, which drops what is beyond 32 bits
            if (field >= firstOfOneof && field <= lastOfOneof)
            {
                problem = found == 0 ? RejectionReason.None
                    : found == field ? RejectionReason.DuplicateField
                    : RejectionReason.SeveralOutputs;
                if (problem != RejectionReason.None)
                {
                    return problem;
                }

                found = field;
            }
        }

        return problem;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> bytes, int wireType)
    {
        var length = 0UL;
        if (wireType is Varint or LengthDelimited && !TryTakeVarint(ref bytes, out length))
        {
            return false;
        }

        length = wireType switch
        {
            Varint => 0,
            Fixed64 => 8,
            LengthDelimited => length,
            Fixed32 => 4,
            _ => ulong.MaxValue,
        };
        if (length > (ulong)bytes.Length)
        {
            return false;
        }

        bytes = bytes[(int)length..];
        return true;
    }

    private static bool TryTakeVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
