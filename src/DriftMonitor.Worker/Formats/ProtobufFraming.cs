namespace DriftMonitor.Worker.Formats;

/// <summary>What must be known of a protobuf message before the generated parser may have it.</summary>
/// <remarks>
/// The parser merges a member of a oneof that comes again by copying what it has: a megabyte of the same small output would take it 100 GB.
/// By the specification the later one is merged into the earlier one, or replaces it; a prediction has one output, as in JSON.
/// </remarks>
internal static class ProtobufFraming
{
    /// <summary>Goes over the fields of a message, without looking into them.</summary>
    /// <param name="firstOfOneof">The least field number of a oneof.</param>
    /// <param name="lastOfOneof">The greatest.</param>
    /// <param name="between">One between them that is none of the oneof.</param>
    /// <returns>
    /// Why it cannot be parsed: its fields are none, or there are several of the oneof. Groups, which proto3 does not have, are refused,
    /// too.
    /// </returns>
    public static RejectionReason Check(ReadOnlySpan<byte> bytes, int firstOfOneof, int lastOfOneof, int between)
    {
        var found = 0u;
        var fields = new ProtobufFields(bytes);
        while (fields.MoveNext())
        {
            if (fields.Number >= firstOfOneof && fields.Number <= lastOfOneof && fields.Number != between)
            {
                if (found != 0)
                {
                    return found == fields.Number ? RejectionReason.DuplicateField : RejectionReason.SeveralOutputs;
                }

                found = fields.Number;
            }
        }

        return fields.IsMalformed ? RejectionReason.Malformed : RejectionReason.None;
    }
}
