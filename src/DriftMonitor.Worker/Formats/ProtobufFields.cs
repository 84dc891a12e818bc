namespace DriftMonitor.Worker.Formats;

/// <summary>The fields of a protobuf message, one after the other, without a generated type and without copies.</summary>
/// <remarks>Groups, which proto3 does not have, end it as what is no message does.</remarks>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private const int VarintType = 0, Fixed64Type = 1, LengthDelimited = 2, Fixed32Type = 5;
    private const int MaxVarint = 10;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Whether it ended before its end.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The field's number; what is beyond 32 bits of its tag is dropped, as the generated parsers do.</summary>
    public uint Number { get; private set; }

    /// <summary>The bytes of a string, a message or packed numbers, those of a number of fixed size; none of a varint.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>A varint.</summary>
    public ulong Varint { get; private set; }

    /// <summary>Whether <see cref="Bytes"/> have a length of their own.</summary>
    public bool IsLengthDelimited { get; private set; }

    /// <summary>Whether it is one number of fixed size.</summary>
    public readonly bool IsFixed => !Bytes.IsEmpty && !IsLengthDelimited;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        IsMalformed = !TryTakeVarint(ref _rest, out var tag) || !TryTakeValue((int)(tag & 7));
        Number = (uint)tag >> 3;
        IsMalformed |= Number == 0; // there is no such field
        return !IsMalformed;
    }

    /// <summary>Takes a varint off the beginning.</summary>
    public static bool TryTakeVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < MaxVarint && i < bytes.Length; i++)
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

    private bool TryTakeValue(int wireType)
    {
        Bytes = [];
        Varint = 0;
        IsLengthDelimited = wireType == LengthDelimited;
        var length = 0UL;
        switch (wireType)
        {
            case VarintType:
                var whole = TryTakeVarint(ref _rest, out var value);
                Varint = value;
                return whole;
            case Fixed64Type:
                length = sizeof(long);
                break;
            case Fixed32Type:
                length = sizeof(int);
                break;
            case LengthDelimited when TryTakeVarint(ref _rest, out length):
                break;
            default:
                return false;
        }

        if (length > (ulong)_rest.Length)
        {
            return false;
        }

        Bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }
}
