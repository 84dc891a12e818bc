using DriftMonitor.Model;
using DriftMonitor.Worker.Commands.Backtest;
using DriftMonitor.Worker.Tests.Recorded;
using Spectre.Console;

namespace DriftMonitor.Worker.Tests.Commands.Backtest;

public sealed class TerminalChartTests
{
    [Fact]
    public void Chart_ShowsTheCrossingWithoutColours()
    {
        var run = Backtested.Run([.. Backtested.Lines(0, 200, 0.55), .. Backtested.Lines(200, 400, 0.9)], "critical: 0.1");
        using var output = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(output),
            });
        console.Profile.Width = 80;
        var series = new SeriesKey("m", SeriesKey.All);

        console.Write(TerminalChart.Of(run.Pictured(series)!.Value.Trace, run.Outcomes[0].Alerts.Select(alert => alert.Alarm), 80));

        var lines = output.ToString().Split('\n');
        var threshold = Assert.Single(
            lines, line => line.EndsWith(" critical", StringComparison.Ordinal) || line.Contains('─', StringComparison.Ordinal));
        var crossing = threshold.LastIndexOf('─');
        var alert = Assert.Single(lines, line => line.StartsWith("critical ", StringComparison.Ordinal));
        // the alert's line begins a window's length after the bars come over the threshold's
        Assert.InRange(alert.IndexOf('━', StringComparison.Ordinal) - crossing, 9, 14);
        Assert.Contains("2026-01-01 00:00:50", lines[^2], StringComparison.Ordinal); // the first ready window's slide
        Assert.EndsWith("2026-01-01 00:06:40", lines[^2].TrimEnd(), StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
    }
}
