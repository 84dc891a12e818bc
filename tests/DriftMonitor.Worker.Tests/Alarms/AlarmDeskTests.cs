using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Views;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Alarms;

/// <summary>Thresholds of warnings and critical alarms are 0.125 and 0.5; divergences 0.25 and, the other way, 0.375.</summary>
public sealed class AlarmDeskTests : IDisposable
{
    private readonly LogLines _log = new();
    private readonly ServiceProvider _services;
    private readonly AlarmDesk _desk;
    private readonly ActiveAlarms _shown;
    private readonly HashSet<(SeriesKey Series, WindowSpec Window)> _held = [];

    public AlarmDeskTests()
    {
        _services = AlarmServices.Of(Reported.Alarms, _log);
        (_desk, _shown) = (_services.GetRequiredService<AlarmDesk>(), _services.GetRequiredService<ActiveAlarms>());
    }

    [Fact]
    public void An_alarm_is_logged_once_with_its_explanation_and_once_when_it_ends()
    {
        Take(Reported.Of("m", contributions: [("cat", 0.3), ("dog", -0.05)]));
        Take(At(Reported.Of("m"), 10));
        Assert.Equal(
            """
            Warning: Warning alarm of m, segment _all: OutputDrift has begun
            cat is predicted 50.0 % of the time instead of 25.0 %, since 2026-01-01 00:05:00Z.
              moved: cat is predicted 50.0 % of the time instead of 25.0 %, dog 50.0 % instead of 25.0 %
              effect: 0.2188 above the noise floor of 0.0313; an alarm needs at least 0.001
              onset: since 2026-01-01 00:05:00Z, alarm since 2026-01-01 00:05:00Z
              peak: kl_reference_vs_live 0.3750 over 5m at 2026-01-01 00:05:00Z, threshold 0.1250
              now: kl_reference_vs_live 0.3750 over 5m, threshold 0.1250 (fixed), 100 events
              windows: 5m kl_reference_vs_live 0.3750 of 0.1250 above since 2026-01-01 00:05:00Z
              segments: all traffic
              pace: unknown
              labels: no labels
              link: /alarm?model=m&segment=_all&window=5m&kind=output_drift&severity=warning&from=2026-01-01T00:05:00Z
              runbook: /runbooks/ModelOutputDriftWarning
            """,
            Assert.Single(_log.All),
            ignoreLineEndingDifferences: true);

        Take(At(Quiet("m"), 20));
        Take(At(Quiet("m"), 310)); // no look is further from the next than the window is long
        Take(At(Quiet("m"), 600));
        Assert.Single(_log.All);
        Take(At(Quiet("m"), 610));

        Assert.Equal(2, _log.All.Count);
        Assert.StartsWith(
            "Information: Warning alarm of m, segment _all: OutputDrift has ended\nEnded at 2026-01-01 00:15:10Z; now ",
            _log.All.Last(), StringComparison.Ordinal);
        Assert.Contains(
            "\n  onset: since 2026-01-01 00:05:00Z, alarm since 2026-01-01 00:05:00Z until 2026-01-01 00:15:10Z\n",
            _log.All.Last(), StringComparison.Ordinal);
        Assert.Empty(_desk.Explain());
    }

    [Fact]
    public void Alarms_of_one_slide_are_explained_by_all_of_its_segments_whichever_was_evaluated_first()
    {
        Evaluate(Reported.Of("m"), Reported.Of("m", "a"), Reported.Of("m", "b"), Quiet("m", "c"));
        Assert.Empty(_log.All);
        Assert.Equal(3, _shown.All.Count());

        _desk.Tell();
        _desk.Tell();

        Assert.Equal(
            [("_all", "only a, b"), ("a", "only a, b"), ("b", "only b, a")],
            _log.All.Select(line => (line.Split("segment ")[1].Split(':')[0], line.Split("\n  segments: ")[1].Split('\n')[0])));
    }

    [Fact]
    public void An_alarm_is_told_with_all_windows_that_were_above_in_its_slide()
    {
        Evaluate(
            Reported.Of("m", window: "5m"),
            Reported.Of("m", window: "1h", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.4375 }));
        _desk.Tell();
        var line = Assert.Single(_log.All);
        Assert.Contains(
            "\n  peak: kl_reference_vs_live 0.4375 over 1h at 2026-01-01 00:05:00Z, threshold 0.1250\n", line, StringComparison.Ordinal);
        Assert.Contains("1h kl_reference_vs_live 0.4375 of 0.1250 above since 2026-01-01 00:05:00Z", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_segments_the_first_are_named_and_the_others_counted()
    {
        Evaluate([Reported.Of("m"), Quiet("m", "z"), .. Enumerable.Range(10, 50).Select(i => Reported.Of("m", $"s{i}"))]);
        _desk.Tell();
        Assert.Equal(51, _log.All.Count);
        Assert.All(_log.All, line => Assert.Contains(" and 30 others\n  pace: unknown\n", line, StringComparison.Ordinal));
    }

    [Fact]
    public void What_begins_and_ends_before_it_is_told_is_told_in_that_order()
    {
        Evaluate(Reported.Of("m"), At(Quiet("m"), 300), At(Quiet("m"), 600));
        Assert.Empty(_shown.All);
        _desk.Tell();
        Assert.Equal(
            ["Warning alarm of m, segment _all: OutputDrift has begun", "Warning alarm of m, segment _all: OutputDrift has ended"],
            _log.All.Select(line => line.Split('\n')[0].Split(": ", 2)[1]));
    }

    [Fact]
    public void Alarms_of_labels_and_of_outputs_are_told_together()
    {
        Evaluate(Reported.Of("m"));
        Note(Calibrated.Labels(crossEntropy: 0.875));

        _desk.Tell();

        Assert.Equal(
            ["OutputDrift has begun", "CrossEntropy has begun"], _log.All.Select(line => line.Split('\n')[0].Split(": ")[2]));
    }

    [Fact]
    public void What_is_forgotten_before_it_was_told_is_told_first()
    {
        Evaluate(Reported.Of("stays"), Reported.Of("moved", contributions: ("cat", 0.3)));

        _desk.Forget(model => model == "moved");

        var line = Assert.Single(_log.All);
        Assert.StartsWith("Warning: Warning alarm of moved, segment _all: OutputDrift has begun", line, StringComparison.Ordinal);
        Assert.Contains("\n  moved: cat is predicted 50.0 % of the time", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_ended_of_a_model_that_moved_is_its_new_owners_to_show()
    {
        foreach (var model in new[] { "stays", "moved" })
        {
            Evaluate(Reported.Of(model), At(Quiet(model), 300), At(Quiet(model), 600));
        }

        _desk.Tell();
        Assert.All(["moved", "stays"], model => Assert.NotEmpty(_desk.Of(model).Ended));
        _desk.Forget(model => model == "moved");
        Assert.Empty(_desk.Of("moved").Ended);
        Assert.NotEmpty(_desk.Of("stays").Ended);
    }

    [Fact]
    public void A_critical_alarm_is_logged_as_an_error_and_stands_first()
    {
        Take(Reported.Of("a"));
        Take(Reported.Of("z", divergences: Reported.SomeDivergences with { KlLiveVsReferenceNats = 1 }));
        Assert.Equal(["Warning", "Error", "Warning"], _log.All.Select(line => line.Split(':')[0]));
        Assert.Equal(
            [("z", AlarmSeverity.Critical), ("a", AlarmSeverity.Warning), ("z", AlarmSeverity.Warning)],
            _desk.Explain().Select(explanation => (explanation.Alarm.Series.Model, explanation.Alarm.Severity)));
    }

    [Fact]
    public void A_window_that_is_not_ready_raises_none()
    {
        Take(Reported.Of("m") with { Readiness = Readiness.TooFewEvents });
        Assert.Empty(_desk.Explain());
    }

    [Fact]
    public void What_retires_or_moves_away_is_no_longer_shown_and_nothing_is_logged()
    {
        Take(Reported.Of("retired"));
        Take(Reported.Of("moved"));
        Take(Reported.Of("stays"));
        Assert.Equal(3, _shown.All.Count());

        Take(Reported.Of("retired", retired: true));
        _desk.Forget(model => model == "moved");

        Assert.Equal(
            [
                new("basis", "fixed"), new("kind", "output_drift"), new("model", "stays"), new("segment", SeriesKey.All),
                new("severity", "warning"), new("window", "5m")], Assert.Single(_shown.All).Labels);
        Assert.Equal((3, 1), (_shown.LabelSets.Issued, _shown.LabelSets.Alive));
        Assert.Equal(3, _log.All.Count);
    }

    [Fact]
    public void Labels_raise_alarms_of_their_own()
    {
        var labels = Calibrated.Labels(crossEntropy: 0.875);
        Note(labels);
        Note(Calibrated.Labels(crossEntropy: 0.875, events: 99, segment: "few"));

        var explanation = Assert.Single(_desk.Explain());

        Assert.Equal(
            (AlarmKind.CrossEntropy, LabelVerdict.Confirmed, 0.75),
            (explanation.Alarm.Kind, explanation.Labels.Verdict, explanation.Labels.ThresholdNats));
    }

    /// <summary>The threshold is worked out from the reference; both alarms are by the labels' own time.</summary>
    [Fact]
    public void An_accuracy_that_falls_is_told_with_what_it_was()
    {
        var budget = new FalseAlarmBudget(1, 30 * 86_400_000L);
        var (log, settings) = (new LogLines(), new AlarmSettings(
            new ConfiguredThresholds(default, default, default) { Accuracy = new(null, null, null, budget) },
            ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty));
        using var services = AlarmServices.Of(settings, log);
        var reference = Calibrated.Reference(withErrors: true);
        services.GetRequiredService<Calibrations>().Use(ReferenceSet.Latest([reference]));
        var labels = Calibrated.Labels(0.5, accuracy: 0.456);
        services.GetRequiredService<Calibrations>().Of("m")!.Means().Single().Calibration.Prepare(Calibrated.Window, 1_000);
        var desk = services.GetRequiredService<AlarmDesk>();
        desk.Note(labels);
        desk.Tell();

        var explanation = Assert.Single(desk.Explain());
        Assert.Equal((AlarmKind.Accuracy, true), (explanation.Alarm.Kind, explanation.Alarm.Calibrated));
        var detail = MonitorJson.Of(AlarmDetail.Of(explanation, ModelOwner.Nobody));
        var json = detail["explanation"]!;
        Assert.Equal(
            ("accuracy", 0.06, 0.484, 0.544),
            ((string)detail["alarm"]!["kind"]!, Rounded(json["baseline"]), Rounded(json["effect"]), Rounded(json["now"]!["value"])));
        Assert.Equal(
            (0.456, 0.94, "confirmed"),
            (
                Rounded(json["labels"]!["accuracy_ratio"]), Rounded(json["labels"]!["accuracy_baseline_ratio"]),
                (string)json["labels"]!["verdict"]!));
        Assert.Equal(
            Rounded(json["labels"]!["accuracy_threshold_ratio"]), Math.Round(1 - (double)json["now"]!["threshold"]!, 9));
        var line = Assert.Single(log.All);
        Assert.StartsWith(
            "Error: Critical alarm of m, segment _all: Accuracy has begun\naccuracy is 45.6 %, was 94.0 %, and may be ", line,
            StringComparison.Ordinal);
        Assert.Contains(
            "\n  effect: 48.4 points below the 94.0 % of the reference; an alarm needs at least 1\n", line, StringComparison.Ordinal);
        Assert.EndsWith(
            "\n  link: /alarm?model=m&segment=_all&window=5m&kind=accuracy&severity=critical&from=2026-01-01T00:00:00Z"
            + "\n  runbook: /runbooks/ModelAccuracyCritical",
            line, StringComparison.Ordinal);

        desk.Note(labels with { Retired = true });
        Assert.Empty(desk.Explain());

        static double Rounded(JsonNode? number) => Math.Round((double)number!, 9);
    }

    [Fact]
    public void A_class_cannot_write_a_line_of_its_own()
    {
        Take(Reported.Of("m", contributions: ("x\n  labels: confirmed", 1)));
        Assert.DoesNotContain("\n  labels: confirmed", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_with_warnings_at_most_pages_nobody_and_its_critical_alarm_is_known_as_that()
    {
        var log = new LogLines();
        await using var monitor = await ScrapedMonitor.StartAsync(rate: null, log);
        var drifted = Reported.Of("spam", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75 });
        monitor.Alarms.Note(At(drifted, -600));
        monitor.Alarms.Note(At(drifted, -300));
        monitor.Alarms.Note(drifted);
        monitor.Alarms.Tell();

        var alarms = JsonNode.Parse(await monitor.GetAsync("/api/v1/alarms"))!["items"]!.AsArray();
        var critical = JsonNode.Parse(await monitor.GetAsync("/api/v1/alarm?model=spam"))!;
        Assert.Equal("https://wiki.example/spam#drift", (string)critical["explanation"]!["runbook"]!);
        Assert.Equal(
            [
                "critical as warning of mail, Ann \"A\" Lee",
                "warning as warning of mail, Ann \"A\" Lee",
            ],
            alarms.Select(alarm =>
                $"{alarm!["severity"]} as {alarm["pages_as"]} of {alarm["team"]}, {alarm["owner"]}"));
        Assert.Contains("severity=\"warning\"", Assert.Single((await monitor.Scrape()).Of("alarm_active")), StringComparison.Ordinal);
        Assert.All(log.All, line => Assert.StartsWith("Warning: ", line, StringComparison.Ordinal));
        Assert.Contains(log.All, line => line.Contains("Critical alarm of spam", StringComparison.Ordinal));
        Assert.All(log.All, line => Assert.EndsWith("/runbooks/ModelOutputDriftWarning", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 4)]
    [InlineData("?model=m", 2)]
    [InlineData("?model=a%20b&segment=_all", 2)]
    [InlineData("?model=a%20b&segment=x", 0)]
    [InlineData("?model=", 0)]
    [InlineData("?window=5m", 4)]
    [InlineData("?window=1h", 0)]
    [InlineData("?from=2026-01-01T00:05:00Z&to=2026-01-01T00:05:00Z", 4)] // they are on: no end
    [InlineData("?from=2027-01-01T01:00:00%2B01:00", 4)]
    [InlineData("?to=2026-01-01T00:04:59.999Z", 2)] // the critical ones
    [InlineData("?to=2025-12-31T23:59:59.999Z", 0)]
    public async Task Those_of_one_model_segment_and_window_can_be_asked_for(string query, int alarms)
    {
        await using var monitor = await ScrapedMonitor.Start();
        var drifted = Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75 };
        foreach (var report in new[] { Reported.Of("m", divergences: drifted), Reported.Of("a b", divergences: drifted) })
        {
            monitor.Alarms.Note(At(report, -600));
            monitor.Alarms.Note(At(report, -300));
            monitor.Alarms.Note(report);
        }

        Assert.Equal(alarms, JsonNode.Parse(await monitor.GetAsync($"/api/v1/alarms{query}"))!["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_alarm_that_ended_is_found_by_the_link_that_was_told_of_it()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var links = new List<string>();
        using var told = monitor.Alarms.Told.Subscribe(explanation => links.Add(AlarmText.Of(explanation).Link));
        var drifted = Reported.Of("a&b", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.3 });
        var calm = Reported.Of("a&b", divergences: Reported.SomeDivergences with { KlLiveVsReferenceNats = 0, KlReferenceVsLiveNats = 0 });
        monitor.Alarms.Note(At(drifted, -600));
        monitor.Alarms.Note(At(drifted, -300));
        monitor.Alarms.Note(drifted);
        monitor.Alarms.Note(At(calm, 300));
        monitor.Alarms.Note(At(calm, 600));
        monitor.Alarms.Tell();

        var link = links[^1];
        Assert.Equal(
            "/alarm?model=a%26b&segment=_all&window=5m&kind=output_drift&severity=warning&from=2026-01-01T00:05:00Z"
            + "&to=2026-01-01T00:15:00Z", link);
        var answer = JsonNode.Parse(await monitor.GetAsync(link.Replace("/alarm?", "/api/v1/alarms?", StringComparison.Ordinal)))!;
        var ended = Assert.Single(answer["items"]!.AsArray())!;
        Assert.Equal(
            ("a&b", "warning", 1767225900000, 1767226500000, 0.3, 0.125),
            (
                (string)ended["model"]!, (string)ended["severity"]!, (long)ended["began_ms"]!, (long)ended["ended_ms"]!,
                (double)ended["first"]!["value"]!, (double)ended["first"]!["threshold"]!));
        Assert.StartsWith("Ended at 2026-01-01 00:15:00Z; now ", (string)ended["summary"]!, StringComparison.Ordinal);
        var later = JsonNode.Parse(await monitor.GetAsync("/api/v1/alarms?from=2026-01-01T00:15:01Z"))!;
        Assert.Empty(later["items"]!.AsArray());
    }

    [Fact]
    public async Task A_time_that_is_none_is_refused()
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var client = new HttpClient { BaseAddress = monitor.Address };
        using var answer = await client.GetAsync(
            new Uri("/api/v1/alarms?from=noon", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Alarms_are_answered_as_json_with_all_that_explains_them()
    {
        await using var monitor = await ScrapedMonitor.Start();
        Assert.Equal("""{"items":[],"total":0,"page":1,"pages":1}""", await monitor.GetAsync("/api/alarms")); // which leads there
        var report = Reported.Of(
            "m", contributions: ("cat", 0.5),
            divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75, NoiseFloorNats = double.NaN });
        monitor.Alarms.Note(At(report, -600));
        monitor.Alarms.Note(At(report, -300));
        monitor.Alarms.Note(report);

        var alarms = JsonNode.Parse(await monitor.GetAsync("/api/v1/alarms"))!["items"]!.AsArray();

        Assert.Equal(["critical", "warning"], alarms.Select(alarm => (string)alarm!["severity"]!));
        var explained = JsonNode.Parse(await monitor.GetAsync("/api/v1/alarm?model=m"))!.AsObject();
        Assert.Equal(
            alarms[1]!.ToJsonString(), Assert.Single(explained["others"]!.AsArray())!.ToJsonString());
        explained.Remove("others");
        Assert.Equal(
            """
            {
              "alarm": {
                "model": "m",
                "segment": "_all",
                "kind": "output_drift",
                "severity": "critical",
                "pages_as": "critical",
                "basis": "fixed",
                "pages": true,
                "summary": null,
                "onset_ms": null,
                "onset_is_at_least": false,
                "began_ms": 1767225600000,
                "ended_ms": null,
                "first": { "window": "5m", "to_ms": 1767225600000, "measure": "kl_reference_vs_live", "value": 0.75, "threshold": 0.5 },
                "peak_ratio": 1.5,
                "peak_ms": 1767225600000,
                "windows": ["5m"],
                "reference_id": null,
                "owner": null,
                "team": null,
                "acknowledged": null,
                "replica": "this",
                "is_owner_gone": false
              },
              "explanation": {
                "effect": null,
                "smallest_effect": 0.001,
                "baseline": null,
                "false_alarm_budget": null,
                "peak": { "window": "5m", "to_ms": 1767225600000, "measure": "kl_reference_vs_live", "value": 0.75, "threshold": 0.5 },
                "now": { "segment": "_all", "window": "5m", "to_ms": 1767225900000, "ready": true, "events": 100, "measure": "kl_reference_vs_live", "value": 0.75, "threshold": 0.5, "above": true, "pace": "none", "above_since_ms": 1767225600000 },
                "noise_floor_nats": null,
                "reference_version": null,
                "classes": [{ "class": "cat", "contribution_nats": 0.5, "live_share": 0.5, "reference_share": 0.25 }],
                "windows": [{ "segment": "_all", "window": "5m", "to_ms": 1767225900000, "ready": true, "events": 100, "measure": "kl_reference_vs_live", "value": 0.75, "threshold": 0.5, "above": true, "pace": "none", "above_since_ms": 1767225600000 }],
                "all_traffic": true,
                "slices": [],
                "segments": [],
                "labels": { "verdict": "no_labels", "events": 0 },
                "text": {
                  "title": "critical: output drift of m, segment _all",
                  "summary": "cat is predicted 50.0 % of the time instead of 25.0 %, since 2026-01-01 00:00:00Z.",
                  "moved": "cat is predicted 50.0 % of the time instead of 25.0 %",
                  "effect": "unknown",
                  "onset": "since 2026-01-01 00:00:00Z, alarm since 2026-01-01 00:00:00Z",
                  "peak": "kl_reference_vs_live 0.7500 over 5m at 2026-01-01 00:00:00Z, threshold 0.5000",
                  "now": "kl_reference_vs_live 0.7500 over 5m, threshold 0.5000 (fixed), 100 events",
                  "windows": "5m kl_reference_vs_live 0.7500 of 0.5000 above since 2026-01-01 00:00:00Z",
                  "segments": "all traffic",
                  "pace": "unknown",
                  "labels": "no labels"
                },
                "link": "/alarm?model=m&segment=_all&window=5m&kind=output_drift&severity=critical&from=2026-01-01T00:00:00Z",
                "runbook": "/runbooks/ModelOutputDriftCritical"
              }
            }
            """,
            explained.ToJsonString(),
            JsonEqual);
    }

    public void Dispose() => _services.Dispose();

    private static bool JsonEqual(string expected, string actual) => JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual));

    private void Take(DriftReport report)
    {
        Evaluate(report);
        _desk.Tell();
    }

    private void Evaluate(params IEnumerable<DriftReport> slide)
    {
        DriftReport[] reports = [.. slide];
        foreach (var report in reports.Where(report => _held.Add((report.Window.Series, report.Window.Window))))
        {
            _desk.Note(At(report, -600)); // a fixed threshold must have been exceeded for ten minutes
            _desk.Note(At(report, -300));
        }

        foreach (var report in reports)
        {
            _desk.Note(report);
        }
    }

    private void Note(FeedbackWindow labels)
    {
        foreach (var minutes in new[] { 10, 5, 0 })
        {
            _desk.Note(labels with { ToMs = labels.ToMs - (minutes * 60_000) });
        }
    }

    private static DriftReport Quiet(string model, string segment = SeriesKey.All) =>
        Reported.Of(model, segment, divergences: Reported.SomeDivergences with { KlLiveVsReferenceNats = 0, KlReferenceVsLiveNats = 0 });

    private static DriftReport At(DriftReport report, int secondsLater) =>
        report with { Window = report.Window with { ToMs = report.Window.ToMs + (secondsLater * 1_000) } };
}
