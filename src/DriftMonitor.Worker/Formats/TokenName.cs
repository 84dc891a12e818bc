using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>What a token is called: its text, or its bytes where these are no text of their own.</summary>
/// <remarks>
/// Half of a character prints as the replacement character, whatever the half is; such tokens are called as the API's own tokenizers print
/// them: <c>bytes:\xf0\x9f</c>. Not safe for concurrent use.
/// </remarks>
internal sealed class TokenName
{
    private const string Prefix = "bytes:";

    /// <summary>
    /// What vLLM calls tokens when it is asked for their numbers: <c>token_id:42</c>, and of the drawn one the text's bytes.
    /// </summary>
    private const string NumberPrefix = "token_id:";

    private const int MostBytes = (JsonNames.MaxLength - 6) / 4; // each is written as \x00

    private readonly char[] _name = new char[JsonNames.MaxLength];
    private readonly byte[] _utf8 = new byte[3 * JsonNames.MaxLength];
    private readonly byte[] _bytes = new byte[3 * JsonNames.MaxLength];
    private int _length;
    private int _byteCount;

    public ReadOnlySpan<char> Value => _name.AsSpan(0, _length);

    public void Clear() => (_length, _byteCount) = (0, -1);

    /// <summary>Takes the text of a string token.</summary>
    public RejectionReason ReadText(ref readonly Utf8JsonReader reader)
    {
        _length = 0;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return RejectionReason.WrongType;
        }

        if (reader.ValueSpan.IsEmpty)
        {
            return RejectionReason.None; // tokens that mark an end print as nothing
        }

        var problem = JsonNames.Copy(in reader, _name, out var text);
        _length = text.Length;
        return problem;
    }

    /// <summary>Takes the bytes, an array of numbers or null.</summary>
    public RejectionReason ReadBytes(ref Utf8JsonReader reader)
    {
        _byteCount = -1;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return RejectionReason.None;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RejectionReason.WrongType;
        }

        for (_byteCount = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; _byteCount++)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetByte(out var value))
            {
                return RejectionReason.WrongType;
            }

            if (_byteCount == _bytes.Length)
            {
                return RejectionReason.InvalidName;
            }

            _bytes[_byteCount] = value;
        }

        return RejectionReason.None;
    }

    /// <summary>Settles the name, once text and bytes have been read.</summary>
    public RejectionReason Settle()
    {
        if (_length > 0 && (_byteCount < 0 || Value.StartsWith(NumberPrefix) || IsTextOfBytes()))
        {
            return RejectionReason.None;
        }

        if (_byteCount > MostBytes)
        {
            return RejectionReason.InvalidName;
        }

        Prefix.CopyTo(_name);
        _length = Prefix.Length;
        for (var i = 0; i < _byteCount; i++)
        {
            "\\x".CopyTo(_name.AsSpan(_length));
            _bytes[i].TryFormat(_name.AsSpan(_length + 2), out _, "x2", CultureInfo.InvariantCulture);
            _length += 4;
        }

        return RejectionReason.None;
    }

    private bool IsTextOfBytes()
    {
        Utf8.FromUtf16(Value, _utf8, out _, out var length);
        return _utf8.AsSpan(0, length).SequenceEqual(_bytes.AsSpan(0, _byteCount));
    }
}
