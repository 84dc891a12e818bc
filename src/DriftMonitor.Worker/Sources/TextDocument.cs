using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;

namespace DriftMonitor.Worker.Sources;

/// <summary>
/// What a string holds, as JSON: JSON as it stands, comma-separated values as arrays, and what of either is written in base64.
/// </summary>
/// <remarks>
/// So SageMaker captures what a model answers: <c>0.98</c>, <c>0.1,0.9</c>, or what its container gives in base64. What of them it is shows
/// in the first byte: no JSON and no number begins as base64 of them does. Keeps its memory. Not thread-safe.
/// </remarks>
internal sealed class TextDocument
{
    private readonly ArrayBufferWriter<byte> _decoded = new();
    private readonly ArrayBufferWriter<byte> _json = new();

    /// <summary>The JSON, valid until the next call. Text that is none of these is given back as it is.</summary>
    /// <param name="text">The string without its escapes.</param>
    /// <param name="hasRows">Whether it is a row a line, also where there is only one.</param>
    /// <returns>False for base64 that is none.</returns>
    public bool TryRead(ReadOnlySpan<byte> text, bool hasRows, out ReadOnlySpan<byte> json)
    {
        json = text = text.Trim(" \t\r\n"u8);
        if (!text.IsEmpty && "WeMNOLI"u8.Contains(text[0])) // base64 of [ { 0 … 9 - and "
        {
            _decoded.ResetWrittenCount();
            var status = Base64.DecodeFromUtf8(text, _decoded.GetSpan(text.Length), out _, out var length);
            _decoded.Advance(length);
            if (status != OperationStatus.Done || !Utf8.IsValid(_decoded.WrittenSpan))
            {
                return false;
            }

            json = text = _decoded.WrittenSpan.Trim(" \t\r\n"u8);
        }

        if (!text.IsEmpty && text[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' && (hasRows || text.ContainsAny(",\n"u8)))
        {
            json = Lines(text, hasRows);
        }

        return true;
    }

    /// <summary>An array of lines; one line alone is that line. A line is its number, or an array of several.</summary>
    private ReadOnlySpan<byte> Lines(ReadOnlySpan<byte> text, bool hasRows)
    {
        _json.ResetWrittenCount();
        var isArray = hasRows || text.Contains((byte)'\n');
        _json.Write(isArray ? "["u8 : []);
        var isFirst = true;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].Trim(" \t\r"u8);
            var isSeveral = line.Contains((byte)',');
            _json.Write(isFirst ? [] : ","u8);
            _json.Write(isSeveral ? "["u8 : []);
            _json.Write(line);
            _json.Write(isSeveral ? "]"u8 : []);
            isFirst = false;
        }

        _json.Write(isArray ? "]"u8 : []);
        return _json.WrittenSpan;
    }
}
