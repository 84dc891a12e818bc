using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Formats;

/// <summary>A pointer to a value in a JSON document (RFC 6901), with two additions.</summary>
/// <remarks>
/// <c>//</c> reads the string that stands there as a JSON document: <c>/output/data//score</c>, or <c>/output/data//</c> for all of it.
/// <c>^</c> before a pointer starts at the record where others start at the row.
/// </remarks>
/// <param name="Text">The pointer as it is written.</param>
/// <param name="Tokens">The names of members or the indices of items, as UTF-8; empty for <c>//</c>.</param>
/// <param name="FromRecord">Whether it starts at the record.</param>
internal sealed record JsonPointer(string Text, ImmutableArray<ImmutableArray<byte>> Tokens, bool FromRecord)
{
    public const string Allowed =
        "a JSON Pointer, such as /payload/score, with ~1 for / and ~0 for ~ in names; // parses the string before it as JSON; a pointer "
        + "that begins with ^ starts at the whole record instead of the row";

    private const int MaxTokens = 32;

    /// <summary>The member of a document's object.</summary>
    public static JsonPointer OfMember(string name) => new($"/{name}", [[.. Encoding.UTF8.GetBytes(name)]], FromRecord: false);

    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPointer? pointer)
    {
        pointer = null;
        var path = text.StartsWith('^') ? text[1..] : text;
        if (path.Length > 0 && path[0] != '/')
        {
            return false;
        }

        var isAllOfText = path.EndsWith("//", StringComparison.Ordinal);
        var tokens = path.Length == 0 ? [] : path[1..(isAllOfText ? ^1 : ^0)].Split('/');
        if (tokens.Length > MaxTokens || (tokens is [.., ""] && !isAllOfText) || !tokens.All(IsEscapedWell))
        {
            return false;
        }

        pointer = new JsonPointer(text, [.. tokens.Select(Unescape)], text.StartsWith('^'));
        return true;
    }

    private static bool IsEscapedWell(string token)
    {
        for (var i = token.IndexOf('~', StringComparison.Ordinal); i >= 0; i = token.IndexOf('~', i + 1))
        {
            if (i + 1 == token.Length || token[i + 1] is not ('0' or '1'))
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<byte> Unescape(string token) =>
        [.. Encoding.UTF8.GetBytes(token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
}
