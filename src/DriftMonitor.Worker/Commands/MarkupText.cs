namespace DriftMonitor.Worker.Commands;

/// <summary>Text from outside, for Spectre.</summary>
internal static class MarkupText
{
    /// <summary>The text on one line, as markup.</summary>
#pragma warning disable RS0030 // the one place that makes markup of text
    public static string Of(string text) => Spectre.Console.Markup.Escape(DisplayText.Of(text));
#pragma warning restore RS0030
}
