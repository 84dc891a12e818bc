using System.Text.Json.Nodes;
using DriftMonitor.Evaluation;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Views;

/// <summary>An alarm says of each window beside it that may raise none yet why, and when it may.</summary>
public sealed class StandingReadinessTests
{
    private static readonly long BeganMs = Reported.Start.AddMinutes(5).ToUnixTimeMilliseconds();

    [Fact]
    public async Task A_window_that_is_not_ready_has_a_reason_and_a_time()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var above = Reported.Of("m", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75 });
        foreach (var minutes in (int[])[-10, -5, 0])
        {
            monitor.Alarms.Note(above with { Window = above.Window with { ToMs = BeganMs + (minutes * 60_000L) } });
        }

        var hour = Reported.Of("m", window: "1h");
        monitor.Alarms.Note(hour with
        {
            Readiness = Readiness.Incomplete,
            Window = hour.Window with { Complete = false, SeenFromMs = BeganMs - 1, ToMs = BeganMs },
        });
        var segment = Reported.Of("m", "country=DE");
        monitor.Alarms.Note(segment with
        {
            Readiness = Readiness.TooFewEvents,
            Window = segment.Window with { Events = 3, ToMs = BeganMs },
        });

        var explanation = JsonNode.Parse(await monitor.GetAsync("/api/v1/alarm?model=m&severity=critical"))!["explanation"]!;
        var (ready, filling, few) = (Of("windows", "5m"), Of("windows", "1h"), Of("segments", "5m"));

        Assert.True((bool)ready["ready"]!);
        Assert.Equal((null, null, null), (ready["readiness"], ready["ready_ms"], ready["minimum_events"]));
        Assert.Equal("incomplete", (string)filling["readiness"]!);
        Assert.Equal(BeganMs + 3_600_000, (long)filling["ready_ms"]!);
        Assert.Equal(("too_few_events", 100), ((string)few["readiness"]!, (long)few["minimum_events"]!));
        Assert.Null(few["ready_ms"]);

        JsonNode Of(string list, string window) =>
            explanation[list]!.AsArray().First(standing => (string)standing!["window"]! == window)!;
    }
}
