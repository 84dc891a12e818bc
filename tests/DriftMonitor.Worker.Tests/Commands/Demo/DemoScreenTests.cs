using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Commands.Demo;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Alarms;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace DriftMonitor.Worker.Tests.Commands.Demo;

/// <summary>What is seen of two windows and the alarms of one.</summary>
public sealed class DemoScreenTests : IDisposable
{
    private const int Lines = 24; // of the smallest terminal

    private readonly ServiceProvider _services = AlarmServices.Of(Reported.Alarms);

    [Theory]
    [InlineData(80)]
    [InlineData(132)]
    public void It_fits_a_terminal_with_no_word_broken(int columns)
    {
        var (state, desk) = (_services.GetRequiredService<MonitorState>(), _services.GetRequiredService<AlarmDesk>());
        using var screen = new DemoScreen("http://127.0.0.1:9464", "127.0.0.1:43937", Reported.Start, state, desk);
        foreach (var minutes in new[] { 0, 5, 10 }) // a fixed threshold must have been exceeded for ten minutes
        {
            foreach (var window in new[] { "5m", "1h" })
            {
                var report = Reported.Of("m", window: window, contributions: [("cat", 0.3), ("dog", -0.05), ("none", 0.01)]);
                desk.Note(report with { Window = report.Window with { ToMs = report.Window.ToMs + (minutes * 60_000) } });
            }
        }

        desk.Tell();
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = columns;
        console.Write(screen.Table(TimeSpan.FromSeconds(70)));

        var lines = written.ToString().TrimEnd().Split('\n');
        Assert.InRange(lines.Length, 14, Lines);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, columns));
        Assert.Contains(lines, line => line.Contains("│ KL live‖reference  │ 0.25000 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("│ cat +0.3000  dog ", StringComparison.Ordinal));
        Assert.Contains("output drift: cat is predicted 50.0 %", written.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("Ctrl+C ends", lines[0], StringComparison.Ordinal);
    }

    public void Dispose() => _services.Dispose();
}
