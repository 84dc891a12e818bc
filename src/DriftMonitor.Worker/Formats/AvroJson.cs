using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;

namespace DriftMonitor.Worker.Formats;

/// <summary>Turns an Avro value into JSON, field by field, without making objects of it.</summary>
/// <remarks>
/// A union is the value of its branch, without the branch's name. A number that JSON has none for is its name as a text. Never throws,
/// whatever the bytes. Its buffer is used again for the next value. Not safe for concurrent use.
/// </remarks>
internal sealed class AvroJson
{
    private const int MaxDepth = 64;
    private const int MaxDecimalBytes = 32; // 77 digits; of more it takes long to make text
    private const int MaxNumberLength = 32;

    /// <summary>How long the JSON may be: names come with every record, and an item may take no byte at all.</summary>
    private const int JsonBytesAByte = 100, JsonBytes = 64 * 1024;

    private static readonly SearchValues<byte> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    private byte[] _json = new byte[1024];
    private int _length;
    private int _limit;

    /// <summary>Turns a value into JSON.</summary>
    /// <param name="value">The value's bytes and nothing behind them.</param>
    /// <param name="json">The text, until the next call.</param>
    /// <returns>
    /// <see cref="RejectionReason.None"/>; <see cref="RejectionReason.Malformed"/>: no value of the schema;
    /// <see cref="RejectionReason.TooLarge"/>: the JSON would be.
    /// </returns>
    public RejectionReason Write(ReadOnlySpan<byte> value, AvroNode schema, out ReadOnlySpan<byte> json)
    {
        _length = 0;
        _limit = JsonBytes + (JsonBytesAByte * Math.Min(value.Length, int.MaxValue / (2 * JsonBytesAByte)));
        var rest = value;
        var isWhole = TryWrite(ref rest, schema, MaxDepth) && rest.IsEmpty;
        json = isWhole ? _json.AsSpan(0, _length) : [];
        return isWhole ? RejectionReason.None : _length > _limit ? RejectionReason.TooLarge : RejectionReason.Malformed;
    }

    private bool TryWrite(ref ReadOnlySpan<byte> rest, AvroNode schema, int depth)
    {
        if (_length > _limit)
        {
            return false;
        }

        switch (schema.Type)
        {
            case AvroType.Null:
                Append("null"u8);
                return true;
            case AvroType.Boolean:
                return TryWriteBoolean(ref rest);
            case AvroType.Integer:
                return TryTakeInteger(ref rest, out var integer) && Append(integer);
            case AvroType.Timestamp:
                return TryTakeInteger(ref rest, out var units) && AppendTime(units, schema.Ticks);
            case AvroType.Float:
                return TryTake(ref rest, sizeof(float), out var single) && Append(BinaryPrimitives.ReadSingleLittleEndian(single));
            case AvroType.Double:
                return TryTake(ref rest, sizeof(double), out var number) && Append(BinaryPrimitives.ReadDoubleLittleEndian(number));
            case AvroType.String:
                return TryTakeBytes(ref rest, -1, out var text) && AppendText(text);
            case AvroType.Bytes or AvroType.Fixed:
                return TryTakeBytes(ref rest, schema.Size, out var bytes) && AppendBase64(bytes);
            case AvroType.Decimal:
                return TryTakeBytes(ref rest, schema.Size, out var digits) && AppendDecimal(digits, schema.Scale);
            case AvroType.Enumeration:
                return TryTakeIndex(ref rest, schema.Names.Length, out var symbol) && Append(schema.Names[symbol]);
            case AvroType.Union:
                return TryTakeIndex(ref rest, schema.Children.Length, out var branch)
                    && depth > 0
                    && TryWrite(ref rest, schema.Children[branch], depth - 1);
            case AvroType.Record:
                return depth > 0 && TryWriteRecord(ref rest, schema, depth - 1);
            default:
                return depth > 0 && TryWriteItems(ref rest, schema, depth - 1);
        }
    }

    private bool TryWriteRecord(ref ReadOnlySpan<byte> rest, AvroNode schema, int depth)
    {
        if (schema.Children.Length == 0)
        {
            return Append("{}"u8);
        }

        for (var i = 0; i < schema.Children.Length; i++)
        {
            Append(schema.Names[i]);
            if (!TryWrite(ref rest, schema.Children[i], depth))
            {
                return false;
            }
        }

        return Append("}"u8);
    }

    /// <summary>
    /// An array's or a map's items, in blocks: how many, where that is negative how many bytes they take, then the items.
    /// </summary>
    private bool TryWriteItems(ref ReadOnlySpan<byte> rest, AvroNode schema, int depth)
    {
        var isMap = schema.Type == AvroType.Map;
        Append(isMap ? "{"u8 : "["u8);
        for (var isFirst = true; ;)
        {
            if (!TryTakeInteger(ref rest, out var count) || (count < 0 && !TryTakeInteger(ref rest, out _)) || count == long.MinValue)
            {
                return false;
            }

            if (count == 0)
            {
                return Append(isMap ? "}"u8 : "]"u8);
            }

            for (var left = Math.Abs(count); left > 0; left--, isFirst = false)
            {
                if (!isFirst)
                {
                    Append(","u8);
                }

                if (isMap && (!TryTakeBytes(ref rest, -1, out var name) || !AppendText(name) || !Append(":"u8)))
                {
                    return false;
                }

                if (!TryWrite(ref rest, schema.Children[0], depth))
                {
                    return false;
                }
            }
        }
    }

    private bool TryWriteBoolean(ref ReadOnlySpan<byte> rest) =>
        TryTake(ref rest, 1, out var boolean) && boolean[0] <= 1 && Append(boolean[0] == 1 ? "true"u8 : "false"u8);

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int length, out ReadOnlySpan<byte> taken)
    {
        var isThere = length <= rest.Length;
        taken = isThere ? rest[..length] : [];
        rest = isThere ? rest[length..] : rest;
        return isThere;
    }

    /// <param name="size">−1 for bytes that have their length before them.</param>
    private static bool TryTakeBytes(ref ReadOnlySpan<byte> rest, int size, out ReadOnlySpan<byte> taken)
    {
        taken = [];
        long length = size;
        return (size >= 0 || TryTakeInteger(ref rest, out length))
            && length >= 0
            && length <= rest.Length
            && TryTake(ref rest, (int)length, out taken);
    }

    private static bool TryTakeIndex(ref ReadOnlySpan<byte> rest, int count, out int index)
    {
        var isThere = TryTakeInteger(ref rest, out var number) && number >= 0 && number < count;
        index = isThere ? (int)number : 0;
        return isThere;
    }

    private static bool TryTakeInteger(ref ReadOnlySpan<byte> rest, out long value)
    {
        var isThere = ProtobufFields.TryTakeVarint(ref rest, out var zigzag);
        value = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
        return isThere;
    }

    private bool Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
        return true;
    }

    private bool Append(long value)
    {
        value.TryFormat(Room(MaxNumberLength), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
        return true;
    }

    private bool Append(float value)
    {
        if (!float.IsFinite(value))
        {
            return AppendNotFinite(value);
        }

        value.TryFormat(Room(MaxNumberLength), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
        return true;
    }

    private bool Append(double value)
    {
        if (!double.IsFinite(value))
        {
            return AppendNotFinite(value);
        }

        value.TryFormat(Room(MaxNumberLength), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
        return true;
    }

    private bool AppendNotFinite(double value) =>
        Append(double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);

    /// <summary>What is beyond the calendar stays a number, which is no time.</summary>
    private bool AppendTime(long units, long ticks)
    {
        if (units < -(DateTime.UnixEpoch.Ticks / ticks) || units > (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / ticks)
        {
            return Append(units);
        }

        Append("\""u8);
        Utf8Formatter.TryFormat(
            new DateTime(DateTime.UnixEpoch.Ticks + (units * ticks), DateTimeKind.Utc), Room(MaxNumberLength), out var written, 'O');
        _length += written;
        return Append("\""u8);
    }

    private bool AppendText(ReadOnlySpan<byte> utf8)
    {
        Append("\""u8);
        while (utf8.IndexOfAny(Escaped) is >= 0 and var escape)
        {
            Append(utf8[..escape]);
            Append("\\u00"u8);
            utf8[escape].TryFormat(Room(2), out var written, "x2", CultureInfo.InvariantCulture);
            _length += written;
            utf8 = utf8[(escape + 1)..];
        }

        Append(utf8);
        return Append("\""u8);
    }

    private bool AppendBase64(ReadOnlySpan<byte> bytes)
    {
        Append("\""u8);
        Base64.EncodeToUtf8(bytes, Room(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        _length += written;
        return Append("\""u8);
    }

    /// <summary>An integer of any size, big-endian, with a point before its last digits.</summary>
    private bool AppendDecimal(ReadOnlySpan<byte> bytes, int scale)
    {
        if (bytes.Length is 0 or > MaxDecimalBytes)
        {
            return AppendBase64(bytes);
        }

        var unscaled = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        Append(Encoding.UTF8.GetBytes(unscaled.ToString(CultureInfo.InvariantCulture)));
        if (scale != 0 && !unscaled.IsZero)
        {
            Append("e"u8);
            Append(-(long)scale);
        }

        return true;
    }

    private Span<byte> Room(int bytes)
    {
        if (_json.Length - _length < bytes)
        {
            Array.Resize(ref _json, Math.Max(2 * _json.Length, _length + bytes));
        }

        return _json.AsSpan(_length);
    }
}
