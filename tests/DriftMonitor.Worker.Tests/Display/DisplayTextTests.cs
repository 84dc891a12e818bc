using DriftMonitor.Display;
using DriftMonitor.Worker.Commands;

namespace DriftMonitor.Worker.Tests.Display;

public sealed class DisplayTextTests
{
    [Theory]
    [InlineData("größe 中 \ud83d\ude00 \u200d", "größe 中 \ud83d\ude00 \u200d")]
    [InlineData("\n\r\t", @"\n\r\t")]
    [InlineData("\u0000\u001b[2J\u007f\u0085\u009b", @"\u0000\u001b[2J\u007f\u0085\u009b")]
    [InlineData("\u202a\u202e\u2066\u2069\u200e\u200f\u061c\u2028\u2029", @"\u202a\u202e\u2066\u2069\u200e\u200f\u061c\u2028\u2029")]
    public void What_a_terminal_would_obey_is_escaped(string text, string shown) => Assert.Equal(shown, DisplayText.Of(text));

    [Fact]
    public void Lines_stay_lines() => Assert.Equal("a\nb\\u001b", DisplayText.Lines("a\nb\u001b"));

    [Fact]
    public void Markup_is_none() => Assert.Equal("[[red]]\\n", MarkupText.Of("[red]\n"));
}
