using System.Buffers.Binary;

namespace DriftMonitor.Worker.Formats;

/// <summary>
/// What Confluent's serializers put before a payload: a zero byte, the schema's id, and for protobuf which message it is.
/// </summary>
/// <seealso href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format">Wire
/// format
/// </seealso>
internal static class ConfluentFraming
{
    /// <summary>The zero byte and the id.</summary>
    public const int Length = 1 + sizeof(int);

    /// <summary>Takes the zero byte and the schema's id off.</summary>
    /// <returns>False when there is none.</returns>
    public static bool TryUnwrap(ReadOnlySpan<byte> value, out int schemaId, out ReadOnlySpan<byte> payload)
    {
        var isFramed = value.Length >= Length && value[0] == 0;
        schemaId = isFramed ? BinaryPrimitives.ReadInt32BigEndian(value[1..]) : 0;
        payload = isFramed ? value[Length..] : [];
        return isFramed;
    }

    /// <summary>
    /// Takes the numbers off that say which message of the schema it is: how many, then each, zigzag varints; 0 for the first.
    /// </summary>
    /// <returns>False when there are none.</returns>
    public static bool TrySkipMessageIndexes(ref ReadOnlySpan<byte> payload)
    {
        var rest = payload;
        if (!ProtobufFields.TryTakeVarint(ref rest, out var zigzag) || (zigzag & 1) != 0)
        {
            return false;
        }

        for (var count = zigzag >> 1; count > 0; count--)
        {
            if (!ProtobufFields.TryTakeVarint(ref rest, out _))
            {
                return false;
            }
        }

        payload = rest;
        return true;
    }
}
