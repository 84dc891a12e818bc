using System.Text;

namespace DriftMonitor.Display;

/// <summary>Text from outside, for a terminal or a line of a log: names, paths, what brokers say.</summary>
/// <remarks>
/// What would move the cursor, colour, begin a line or turn the direction of the text is written as its escape: <c>\n</c>, <c>\u001b</c>,
/// <c>\u202e</c>. Labels of metrics and JSON stay exact, as their own formats escape.
/// </remarks>
public static class DisplayText
{
    /// <summary>
    /// Whether a character does something to what stands around it: C0 and C1 controls, separators of lines, marks and overrides of
    /// direction.
    /// </summary>
    public static bool IsUnsafe(char character) => char.IsControl(character)
        || character is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    /// <summary>The text on one line.</summary>
    public static string Of(string text) => text.Any(IsUnsafe) ? Escaped(text) : text;

    /// <summary>The text, line by line.</summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(Of));

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            _ = character switch
            {
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                _ when IsUnsafe(character) => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
