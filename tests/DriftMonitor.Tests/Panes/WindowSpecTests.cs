using CsCheck;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Panes;

public sealed class WindowSpecTests
{
    [Theory]
    [InlineData("5m/10s", "5m", 300_000, 10_000, 30)]
    [InlineData("1h/1m", "1h", 3_600_000, 60_000, 60)]
    [InlineData("24h/10m", "24h", 86_400_000, 600_000, 144)]
    [InlineData("360d/1d", "360d", 31_104_000_000, 86_400_000, 360)]
    [InlineData("50ms/50ms", "50ms", 50, 50, 1)]
    [InlineData(" 5m / 10s ", "5m", 300_000, 10_000, 30)]
    public void TryParse_ReadsLengthAndSlide(string text, string name, long length, long slide, int panes)
    {
        Assert.True(WindowSpec.TryParse(text, out var spec, out var problem));
        Assert.Null(problem);
        Assert.Equal((name, length, slide, panes), (spec.Name, spec.LengthMs, spec.SlideMs, spec.Panes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("5m")]
    [InlineData("5m/")]
    [InlineData("/10s")]
    [InlineData("5m/10s/1s")]
    [InlineData("5/10")]
    [InlineData("5M/10s")]
    [InlineData("5 m/10s")]
    [InlineData("-5m/10s")]
    [InlineData("+5m/10s")]
    [InlineData("5m/0s")]
    [InlineData("0m/10s")]
    [InlineData("1.5m/10s")]
    [InlineData("5min/10s")]
    [InlineData("5sm/10s")]
    [InlineData("ms/s")]
    [InlineData("36501d/36501d")]
    [InlineData("876001h/876001h")] // as long in other units
    [InlineData("3153600000001ms/1ms")]
    [InlineData("99999999999999999999s/1s")]
    [InlineData("٥m/10s")]
    public void TryParse_RefusesWhatIsNotAWindow(string text)
    {
        Assert.False(WindowSpec.TryParse(text, out var spec, out var problem));
        Assert.Null(spec);
        Assert.Contains($"'{text}'", problem, StringComparison.Ordinal);
        Assert.Contains("5m/10s", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5m/7s")] // not a whole number of slides
    [InlineData("10s/5m")] // shorter than its slide
    [InlineData("361s/1s")] // one pane too many
    public void TryParse_RefusesALengthThatDoesNotFitTheSlide(string text)
    {
        Assert.False(WindowSpec.TryParse(text, out _, out var problem));
        Assert.Equal($"'{text}': the length must be 1 to 360 times the slide", problem);
    }

    [Fact]
    public void TryParse_TakesTheMostPanes() => Assert.Equal(WindowSpec.MaxPanes, Given.Window("360s/1s").Panes);

    [Fact]
    public void TryParse_TakesAHundredYears() => Assert.Equal(3_153_600_000_000, Given.Window("36500d/36500d").LengthMs);

    [Fact]
    public void ToString_ReadsBackAsTheSameWindow() =>
        Gen.Select(Gen.Int[1, 2_000], Gen.Int[1, WindowSpec.MaxPanes], Gen.Int[0, 3]).Sample((slide, panes, unit) =>
        {
            var suffix = unit switch { 0 => "ms", 1 => "s", 2 => "m", _ => "h" };
            var spec = Given.Window($"{slide * panes}{suffix}/{slide}{suffix}");
            return Given.Window(spec.ToString()) == spec;
        });
}
