using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>Names in a payload: of models, segments and classes.</summary>
/// <remarks>
/// The only place that reads the text of JSON strings; the framework's ways, which throw at half a surrogate pair, are banned
/// (<c>.banned-symbols.txt</c>).
/// </remarks>
internal static class JsonNames
{
    /// <summary>The most characters (UTF-16 units) of a name.</summary>
    public const int MaxLength = 256;

    /// <summary>The most bytes that a name of <see cref="MaxLength"/> can take in JSON: every character as <c>\uXXXX</c>.</summary>
    public const int MaxJsonBytes = 6 * MaxLength;

    /// <summary>Copies the string or property name that the reader stands on, if it is 1 to <see cref="MaxLength"/> characters.</summary>
    /// <param name="reader">Stands on a string or a property name.</param>
    /// <param name="buffer">At least <see cref="MaxLength"/> characters.</param>
    /// <param name="name">The name, within <paramref name="buffer"/>.</param>
    /// <returns><see cref="RejectionReason.Malformed"/>: lone surrogate; <see cref="RejectionReason.InvalidName"/>: wrong length.</returns>
    public static RejectionReason Copy(ref readonly Utf8JsonReader reader, Span<char> buffer, out ReadOnlySpan<char> name)
    {
        name = [];
        return reader.ValueSpan.Length is 0 or > MaxJsonBytes ? RejectionReason.InvalidName
            : reader.ValueIsEscaped ? CopyEscaped(reader.ValueSpan, buffer, out name)
            : Copy(reader.ValueSpan, buffer, out name);
    }

    private static RejectionReason CopyEscaped(ReadOnlySpan<byte> text, Span<char> buffer, out ReadOnlySpan<char> name)
    {
        name = [];
        Span<byte> unescaped = stackalloc byte[MaxJsonBytes];
        return TryUnescape(text, unescaped, out var length) ? Copy(unescaped[..length], buffer, out name) : RejectionReason.Malformed;
    }

    private static RejectionReason Copy(scoped ReadOnlySpan<byte> utf8, Span<char> buffer, out ReadOnlySpan<char> name)
    {
        var status = Utf8.ToUtf16(utf8, buffer[..MaxLength], out _, out var length, replaceInvalidSequences: false);
        name = status == OperationStatus.Done ? buffer[..length] : [];
        return status switch
        {
            OperationStatus.Done => RejectionReason.None,
            OperationStatus.DestinationTooSmall => RejectionReason.InvalidName,
            _ => RejectionReason.Malformed,
        };
    }

    /// <summary>The reader's string as UTF-8 without its escapes: the payload's own bytes, or a copy where there are escapes.</summary>
    /// <param name="reader">Stands on any value.</param>
    /// <param name="buffer">At least <see cref="MaxJsonBytes"/> bytes.</param>
    /// <param name="name">The text.</param>
    /// <returns>As the overload for characters, and <see cref="RejectionReason.WrongType"/> for what is no string.</returns>
    public static RejectionReason CopyUtf8(scoped ref readonly Utf8JsonReader reader, byte[] buffer, out ReadOnlySpan<byte> name)
    {
        name = reader.ValueSpan;
        if (reader.TokenType != JsonTokenType.String)
        {
            return RejectionReason.WrongType;
        }

        if (name.Length is 0 or > MaxJsonBytes)
        {
            return RejectionReason.InvalidName;
        }

        if (reader.ValueIsEscaped)
        {
            var whole = TryUnescape(name, buffer, out var length);
            name = buffer.AsSpan(0, length);
            return whole ? RejectionReason.None : RejectionReason.Malformed;
        }

        return RejectionReason.None;
    }

    /// <summary>Replaces the escapes in the text of a string or property name.</summary>
    /// <remarks>By hand: the framework's ways all throw at half a surrogate pair, and a record may hold a hundred thousand.</remarks>
    /// <param name="text">The text as it stands between the quotation marks, which a JSON reader has accepted.</param>
    /// <param name="buffer">At least as long as the text with its escapes.</param>
    /// <param name="length">Bytes written.</param>
    /// <returns>False for half a surrogate pair.</returns>
    public static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> buffer, out int length)
    {
        length = 0;
        while (true)
        {
            var escape = text.IndexOf((byte)'\\');
            var plain = escape < 0 ? text : text[..escape];
            plain.CopyTo(buffer[length..]);
            length += plain.Length;
            if (escape < 0)
            {
                return true;
            }

            text = text[escape..];
            if (!TryReadEscape(ref text, out var character))
            {
                return false;
            }

            length += character.EncodeToUtf8(buffer[length..]);
        }
    }

    /// <summary>Whether the reader's string or property name is ASCII text, escaped or not. Half a surrogate pair is none.</summary>
    public static bool Is(ref readonly Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        var value = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return value.SequenceEqual(text);
        }

        foreach (var expected in text)
        {
            if (value.IsEmpty)
            {
                return false;
            }

            if (value[0] != (byte)'\\')
            {
                if (value[0] != expected)
                {
                    return false;
                }

                value = value[1..];
            }
            else if (!TryReadEscape(ref value, out var character) || character.Value != expected)
            {
                return false;
            }
        }

        return value.IsEmpty;
    }

    /// <summary>Takes one escape off the beginning of a text, or the two of a surrogate pair.</summary>
    private static bool TryReadEscape(ref ReadOnlySpan<byte> text, out Rune character)
    {
        var unit = TakeUnit(ref text);
        return char.IsHighSurrogate(unit) && text.StartsWith("\\u"u8)
            ? Rune.TryCreate(unit, TakeUnit(ref text), out character)
            : Rune.TryCreate(unit, out character);
    }

    private static char TakeUnit(ref ReadOnlySpan<byte> text)
    {
        var letter = (char)text[1];
        var hex = letter == 'u' && Utf8Parser.TryParse(text[2..6], out ushort unit, out _, 'X') ? unit : default;
        text = text[(letter == 'u' ? 6 : 2)..];
        return letter switch
        {
            'u' => (char)hex,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => letter, // a quotation mark, a slash or a backslash
        };
    }

    /// <summary>Reads an id: a string of 1 to <see cref="MaxLength"/> characters or a whole number. Skips all else.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="buffer">At least <see cref="MaxLength"/> characters.</param>
    /// <param name="length">Characters written.</param>
    public static bool TryReadId(ref Utf8JsonReader reader, Span<char> buffer, out int length)
    {
        length = 0;
        if (reader.TokenType == JsonTokenType.String)
        {
            var problem = Copy(in reader, buffer, out var id);
            length = id.Length;
            return problem == RejectionReason.None;
        }

        if (reader.TokenType == JsonTokenType.Number && TryReadWhole(reader.ValueSpan, out var digits) && digits.Length <= MaxLength)
        {
            length = Encoding.UTF8.GetChars(digits, buffer);
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>
    /// The digits of a number that is whole: <c>1000</c> as it is written, or <c>1000.0</c> as tables of floats write it.
    /// </summary>
    public static bool TryReadWhole(ReadOnlySpan<byte> number, out ReadOnlySpan<byte> digits)
    {
        var point = number.IndexOfAny(".eE"u8);
        digits = point < 0 ? number : number[..point];
        return point < 0 || (number[point] == '.' && number[(point + 1)..].IndexOfAnyExcept((byte)'0') < 0);
    }

    /// <summary>
    /// Reads the name of a segment or a class: a string of 1 to <see cref="MaxLength"/> characters, or the text of a boolean or a number
    /// without an exponent.
    /// </summary>
    public static RejectionReason CopyText(ref readonly Utf8JsonReader reader, Span<char> buffer, out ReadOnlySpan<char> text)
    {
        text = [];
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Copy(in reader, buffer, out text);
            case JsonTokenType.True or JsonTokenType.False:
                return Copy(reader.ValueSpan, buffer, out text);
            case JsonTokenType.Number when !reader.ValueSpan.ContainsAny("eE"u8):
                var number = TryReadWhole(reader.ValueSpan, out var digits) ? digits : reader.ValueSpan;
                return Copy(number.SequenceEqual("-0"u8) ? "0"u8 : number, buffer, out text);
            default:
                return RejectionReason.WrongType;
        }
    }

    /// <summary>
    /// Whether a name may be a model's or a segment's. People read it in logs, alerts and dashboards, so it is short and nothing in it is
    /// unsafe to show; names of classes may hold anything, as tokens do.
    /// </summary>
    public static bool IsLabel(ReadOnlySpan<char> name)
    {
        foreach (var character in name)
        {
            if (DisplayText.IsUnsafe(character))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= MaxLength;
    }

    /// <summary>What a label's name has none of, in words.</summary>
    public const string NotAllowed = "without control characters or characters that change the text direction";

    /// <summary>Whether a name may be a segment's: a label that is not the monitor's own.</summary>
    public static bool IsSegment(ReadOnlySpan<char> name) => IsLabel(name) && !SeriesKey.IsReserved(name);

    /// <summary>The most characters of a version: that of its segment's name has <see cref="SeriesKey.VersionPrefix"/> before it.</summary>
    public static int MaxVersionLength => MaxLength - SeriesKey.VersionPrefix.Length;

    /// <summary>Whether a name may be a version's.</summary>
    public static bool IsVersion(ReadOnlySpan<char> name) => name.Length <= MaxVersionLength && IsSegment(name);
}
