using System.Text.Json;
using DriftMonitor.Events;

namespace DriftMonitor.Worker.Messages;

/// <summary>Names in a payload: of models, segments and classes.</summary>
internal static class JsonNames
{
    /// <summary>The most characters (UTF-16 units) of a name.</summary>
    public const int MaxLength = 256;

    /// <summary>The most bytes that a name of <see cref="MaxLength"/> can take in JSON: every character as <c>\uXXXX</c>.</summary>
    public const int MaxJsonBytes = 6 * MaxLength;

    /// <summary>Copies the string or property name that the reader stands on, if it is 1 to <see cref="MaxLength"/> characters.</summary>
    /// <param name="reader">Stands on a string or a property name.</param>
    /// <param name="buffer">At least <see cref="MaxJsonBytes"/> characters.</param>
    /// <param name="name">The name, within <paramref name="buffer"/>.</param>
    /// <returns><see cref="RejectionReason.Malformed"/> for half a surrogate pair, <see cref="RejectionReason.InvalidName"/> for a length not allowed.</returns>
    public static RejectionReason Copy(ref readonly Utf8JsonReader reader, Span<char> buffer, out ReadOnlySpan<char> name)
    {
        name = [];
        if (reader.ValueSpan.Length is 0 or > MaxJsonBytes)
        {
            return RejectionReason.InvalidName;
        }

        try
        {
            name = buffer[..reader.CopyString(buffer)];
        }
        catch (InvalidOperationException) // what the reader says to half a surrogate pair
        {
            return RejectionReason.Malformed;
        }

        return name.Length <= MaxLength ? RejectionReason.None : RejectionReason.InvalidName;
    }

    /// <summary>The string that the reader stands on as UTF-8, without its escapes: the payload's own bytes, or a copy where there are escapes.</summary>
    /// <param name="reader">Stands on any value.</param>
    /// <param name="buffer">At least <see cref="MaxJsonBytes"/> bytes.</param>
    /// <param name="name">The text.</param>
    /// <returns>As <see cref="Copy"/>, and <see cref="RejectionReason.WrongType"/> for what is no string.</returns>
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
            var whole = TryUnescape(in reader, buffer, out var length);
            name = buffer.AsSpan(0, length);
            return whole ? RejectionReason.None : RejectionReason.Malformed;
        }

        return RejectionReason.None;
    }

    /// <summary>The text of the string or property name that the reader stands on, without its escapes.</summary>
    /// <param name="reader">Stands on a string or a property name.</param>
    /// <param name="buffer">At least as long as the text with its escapes.</param>
    /// <param name="length">Bytes written.</param>
    /// <returns>False for half a surrogate pair.</returns>
    public static bool TryUnescape(ref readonly Utf8JsonReader reader, Span<byte> buffer, out int length)
    {
        try
        {
            length = reader.CopyString(buffer);
            return true;
        }
        catch (InvalidOperationException)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Whether the string or property name that the reader stands on is a text of ASCII, with escapes or without. Half a surrogate pair is none.</summary>
    public static bool Is(ref readonly Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(text);
        }

        Span<byte> unescaped = stackalloc byte[MaxJsonBytes];
        return reader.ValueSpan.Length <= 6 * text.Length && TryUnescape(in reader, unescaped, out var length) && unescaped[..length].SequenceEqual(text);
    }

    /// <summary>Reads an id: a string of 1 to <see cref="MaxLength"/> characters, or a whole number as it is written. Skips anything else.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="buffer">At least <see cref="MaxJsonBytes"/> characters.</param>
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

        if (reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length <= MaxLength && !reader.ValueSpan.ContainsAny(".eE"u8))
        {
            length = System.Text.Encoding.UTF8.GetChars(reader.ValueSpan, buffer);
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>Whether a name may be a model's or a segment's: it becomes a label, so it is short and has no control characters.</summary>
    public static bool IsLabel(ReadOnlySpan<char> name)
    {
        foreach (var character in name)
        {
            if (char.IsControl(character))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= MaxLength;
    }
}
