using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DriftMonitor.Alarms;
using DriftMonitor.Model;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Pages;

/// <summary>What pages show of alarms that a replica has, or that the statuses of others tell of.</summary>
public sealed class AlarmPagesTests
{
    private static readonly long NowMs = Reported.Start.AddMinutes(10).ToUnixTimeMilliseconds();

    private static readonly StatusAlarm Critical = new(
        SeriesKey.All, AlarmKind.OutputDrift, AlarmSeverity.Critical, "fixed", Pages: true, "8 is predicted more often.", NowMs - 300_000,
        EndedMs: null, NowMs - 300_000, OnsetIsAtLeast: false, "5m", Measure.KlLiveVsReference, 0.75, 0.5, 1.5, NowMs - 300_000, ["5m"],
        "9c1f4b7d", AlarmSeverity.Critical);

    private static readonly StatusAlarm Warning = Critical with { Severity = AlarmSeverity.Warning, PagesAs = AlarmSeverity.Warning };

    [Fact]
    public async Task An_alarm_that_is_on_and_pages_nobody_has_a_section_of_its_own()
    {
        await using var monitor = await ScrapedMonitor.Start();
        Know(monitor, [Critical with { Pages = false }], []);

        var alarms = await HtmlAsync(monitor, "/");
        Assert.Contains("1 alarm is on, and was told before", alarms, StringComparison.Ordinal);
        Assert.Contains("On, but told before", alarms, StringComparison.Ordinal);
        Assert.DoesNotContain("Critical now", alarms, StringComparison.Ordinal);
        var models = await HtmlAsync(monitor, "/models");
        Assert.Contains(">none<", models, StringComparison.Ordinal);
        Assert.DoesNotContain("its predictions have shifted", models, StringComparison.Ordinal);
    }

    /// <summary>A link of an alert of a model whose alarms reach people as warnings at most.</summary>
    [Fact]
    public async Task An_alarm_that_is_on_is_meant_and_not_an_ended_one_of_the_severity_itself()
    {
        await using var monitor = await ScrapedMonitor.Start();
        Know(monitor, [Critical with { PagesAs = AlarmSeverity.Warning }], [Warning with { EndedMs = NowMs - 60_000 }]);

        Assert.DoesNotContain("It has ended", await HtmlAsync(monitor, "/alarm?model=m&severity=warning"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_warning_beside_its_critical_alarm_is_not_counted_of_a_model_of_another_replica()
    {
        await using var monitor = await ScrapedMonitor.Start();
        Know(monitor, [Critical, Warning], []);
        Assert.Equal((1, 0), await CountsAsync(monitor));
    }

    [Fact]
    public async Task Neither_is_it_of_one_of_its_own()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var report = Reported.Of("m", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75 });
        foreach (var minute in (int[])[0, 5, 10])
        {
            monitor.Alarms.Note(
                report with { Window = report.Window with { ToMs = Reported.Start.AddMinutes(minute).ToUnixTimeMilliseconds() } });
        }

        monitor.Alarms.Tell();
        Assert.Equal(2, monitor.Alarms.Of("m").On.Length);
        Assert.Equal((1, 0), await CountsAsync(monitor));
    }

    private static async Task<(int Critical, int Warnings)> CountsAsync(ScrapedMonitor monitor)
    {
        var model = Assert.Single(JsonNode.Parse(await monitor.GetAsync("/api/v1/models"))!["items"]!.AsArray())!;
        return ((int)model["critical"]!, (int)model["warnings"]!);
    }

    private static async Task<string> HtmlAsync(ScrapedMonitor monitor, string path) =>
        WebUtility.HtmlDecode(await monitor.GetAsync(path));

    private static void Know(ScrapedMonitor monitor, StatusAlarm[] on, StatusAlarm[] ended)
    {
        var statuses = monitor.Services.GetRequiredService<KnownStatuses>();
        statuses.Add(new ModelStatus(
            ModelStatus.CurrentVersion, "m", 1, NowMs, NowMs, new StatusOwner("other", null), ModelState.Guarded, NowMs, NowMs, null,
            [.. on], [.. ended], [], JsonSerializer.SerializeToElement(0)).ToJson());
        statuses.Show(areRead: true);
    }
}
