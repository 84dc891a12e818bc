using System.Globalization;
using System.Reactive.Concurrency;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DriftMonitor.Worker.Commands;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Commands.Demo;

/// <summary>The whole demo, its output redirected, in virtual time: it takes a fourth of its time.</summary>
public sealed partial class DemoCommandTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(20); // quicker, the service is late where other tests compute

    private readonly FakeTimeProvider _time = new(Start);
    private readonly HistoricalScheduler _scheduler = new(Start);
    private readonly WrittenLines _output = new();

    // camera  straight      turns more and more      straight
    //         ├────────────┤├──────────────────────┤├─────────
    //         0            60                     120       s
    [Fact]
    public async Task Alarm_BeginsIsExplainedAndEndsAfterTheCameraTurnsBack()
    {
        using var error = new StringWriter();
        var console = new CommandConsole(Stream.Null, _output, error, isOutputSeen: false, isErrorSeen: false);
        var running = Program.RunAsync(["demo", "--for", "150s", "--port", "0"], console, _time, _scheduler, DriftMonitorConsole.Kept);
        await Patience.UntilAsync("it listens", () => running.IsCompleted || !_output.All.IsEmpty);
        Assert.Contains("straight again after two", _output.All.First(), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new Uri(Address().Match(_output.All.First()).Value) };

        // Thresholds are worked out beside the stream, in real time.
        await PassUntilAsync(() => Lines("threshold_critical=0.").Any());
        await PassUntilAsync(() => Elapsed() > TimeSpan.FromSeconds(60));
        Assert.Empty(Lines("alarm "));
        Assert.Empty(await AlarmsAsync(http));

        await PassUntilAsync(() => Elapsed() > TimeSpan.FromSeconds(115));
        var began = Assert.Single(Lines("alarm began, critical: output drift of digits-lr, segment _all: "));
        Assert.Matches(Explained(), began);
        Assert.InRange(At(began), 60, 90);
        Assert.Empty(Lines("alarm ended"));
        var critical = Assert.Single(
            await AlarmsAsync(http), alarm => ((string?)alarm!["kind"], (string?)alarm["severity"]) == ("output_drift", "critical"))!;
        Assert.Matches(Explained(), $": {critical["summary"]}");
        Assert.Equal("budget", (string?)critical["basis"]);

        var wrong = Assert.Single(Lines("alarm began, critical: accuracy of digits-lr, segment _all: accuracy is "));
        Assert.Contains(", was 93.4 %, and may be ", wrong, StringComparison.Ordinal);

        await PassUntilAsync(() => running.IsCompleted);
        Assert.Equal(0, await running);
        Assert.Equal("", error.ToString());
        var ended = Assert.Single(Lines("alarm ended, critical: output drift of digits-lr, segment _all: Ended at "));
        Assert.InRange(At(ended), 120, 145);
        Assert.Equal(
            [.. Lines("alarm began").Select(OfAlarm).Order()],
            [.. Lines("alarm ended").Select(OfAlarm).Order()]); // a warning may have been on beside it
    }

    /// <summary>Lets time pass, several times as fast as it does.</summary>
    private async Task PassUntilAsync(Func<bool> isSo)
    {
        using var timer = new PeriodicTimer(BetweenSteps);
        while (!isSo())
        {
            Assert.True(Elapsed() < TimeSpan.FromMinutes(10), string.Join('\n', _output.All));
            _time.Advance(Step);
            _scheduler.AdvanceBy(Step);
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private TimeSpan Elapsed() => _time.GetUtcNow() - Start;

    private IEnumerable<string> Lines(string part) => _output.All.Where(line => line.Contains(part, StringComparison.Ordinal));

    private static async Task<JsonArray> AlarmsAsync(HttpClient http) =>
        JsonNode.Parse(
            await http.GetStringAsync(
                new Uri("/api/v1/alarms?on=true", UriKind.Relative), TestContext.Current.CancellationToken))!["items"]!.AsArray();

    private static double At(string line) =>
        TimeSpan.ParseExact(line[..5], "mm\\:ss", CultureInfo.InvariantCulture).TotalSeconds;

    private static string OfAlarm(string line) => line.Split(", ", 2)[1].Split(": ")[0];

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@": \d is predicted \d+\.\d % of the time instead of \d+\.\d %, (at least )?since 2026-01-01 00:0[01]:\d\dZ")]
    private static partial Regex Explained();
}
