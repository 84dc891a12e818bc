using System.Text.RegularExpressions;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Metrics;

public sealed partial class ScrapeTests
{
    private static readonly string Golden =
        Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Metrics", "Scrape.golden.txt");

    /// <summary>
    /// What was scraped stands in <c>Scrape.actual.txt</c> beside the test program: to accept a change, copy it over the golden file.
    /// </summary>
    [Fact]
    public async Task Body_IsTheGoldenOne()
    {
        await using var monitor = await TwoModels();

        var body = (await monitor.Scrape()).OfMonitor.InOrder()
            .Replace($"version=\"{ServiceMetrics.Version}\"", "version=\"VERSION\"", StringComparison.Ordinal);
        body = OfBudget().Replace(body, "$1 WORKED_OUT"); // what is exported is tested here, not what is simulated

        await File.WriteAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Scrape.actual.txt"), body, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(Golden, TestContext.Current.CancellationToken), body);
    }

    [Fact]
    public async Task Body_IsWrittenOnceASecond_HoweverManyAsk_AndIsNeverOlder()
    {
        await using var monitor = await TwoModels();
        var first = await BodyAsync();
        monitor.Metrics.Service.Topic("predictions").CountConsumed();
        monitor.Time.Advance(TimeSpan.FromMilliseconds(999));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(first, await BodyAsync());
        }

        Assert.Equal(1, monitor.Endpoint.Written);
        monitor.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Contains("driftmonitor_records_consumed_total{topic=\"predictions\"} 2", await BodyAsync(), StringComparison.Ordinal);
        Assert.Equal(2, monitor.Endpoint.Written);

        async Task<string> BodyAsync()
        {
            using var answer = await monitor.SendAsync(HttpMethod.Get);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What has no threshold yet asks for it each time it is judged.</summary>
    [Fact]
    public async Task Readings_AreThoseOfTheSnapshot_HoweverManyScrape()
    {
        var (asked, time, services) = (0, new FakeTimeProvider(), new ServiceCollection().AddLogging().BuildServiceProvider());
        var (calibrations, reference) = (new Calibrations(pseudoEvents: 1), Reported.Reference("ppo"));
        calibrations.Use(Reported.References(reference));
        var thresholds = new ThresholdsInForce(Reported.Alarms, Reported.Windows, minimumEvents: 100, calibrations, _ => asked++);
        var (reports, references) = (new ReportStore(thresholds), new UsedReferences(time));
        var state = new MonitorState(
            reports, new FeedbackWindows(thresholds), new ActiveAlarms(ModelOwners.None), new LeftOutWindows(), references,
            new ModelStates(reports, references, new RecentRecords(), thresholds, time), new AlarmTests(ModelOwners.None),
            new EvaluationHistory(0));
        using var metrics = new MonitorMetrics(
            state, new WatchedModels(10, 10, acceptUnknown: true), time, [], thresholds, new PendingCalibrations(),
            new KeptCalibrations(0));
        using var body = new ScrapeBody(metrics, services, TimeSpan.FromSeconds(1), time);
        state.Reports.Update(Reported.OfPolicies("ppo") with { Reference = reference, Divergences = Reported.SomeDivergences });
        Assert.Equal(1, asked);

        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await body.Answer(new DefaultHttpContext { RequestServices = services });
        }

        Assert.Equal((1, 5), (asked, body.Written));
    }

    [Fact]
    public async Task Body_PleasesPromtool()
    {
        Assert.SkipWhen(Promtool.Path is null, "promtool is not on the path");
        await using var monitor = await TwoModels();
        monitor.Reports.Update(Reported.Of("q\"b\\s\nn", contributions: ("é😀\0\r", 1)));

        Assert.Equal("", await (await monitor.Scrape()).CheckWithPromtool());
    }

    [Fact]
    public async Task Answer_IsTheSameText_WhateverIsAskedFor()
    {
        await using var monitor = await TwoModels();

        var text = await monitor.Scrape();
        var openMetrics = await monitor.Scrape(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5,*/*;q=0.1");

        Assert.Equal(text.OfMonitor.InOrder(), openMetrics.OfMonitor.InOrder());
    }

    [Fact]
    public async Task Labels_AreEscaped()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("q\"b\\s\nn", "é=😀", contributions: ("}{ ,\" 1\n# TYPE x", 0.5)));

        var scrape = await monitor.Scrape();

        const string Labels = """direction="live_vs_reference",model="q\"b\\s\nn",segment="é=😀",window="5m"}""";
        Assert.Equal(0.25, scrape.Value("kl_divergence_nats{" + Labels));
        Assert.Equal(0.5, scrape.Value("""kl_contribution_nats{class="}{ ,\" 1\n# TYPE x",""" + Labels));
    }

    [Fact]
    public async Task Undefined_IsAbsent()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of(
            "m",
            divergences: Reported.SomeDivergences with
            {
                KlLiveVsReferenceNats = double.PositiveInfinity,
                Psi = double.NegativeInfinity,
                NoiseFloorNats = double.NaN,
                CusumNats = double.NaN,
            },
            restNats: double.NaN,
            contributions: [("cat", double.PositiveInfinity), ("dog", -0.5)]));
        monitor.Reports.Update(Reported.Without("silent", events: 0));

        var scrape = await monitor.Scrape();

        Assert.Equal(
            ["""driftmonitor_kl_divergence_nats{direction="reference_vs_live",model="m",segment="_all",window="5m"} 0.375"""],
            scrape.Of("kl_divergence_nats"));
        Assert.Equal(
            ["""driftmonitor_kl_contribution_nats{class="dog",direction="live_vs_reference",model="m",segment="_all",window="5m"} -0.5"""],
            scrape.Of("kl_contribution_nats"));
        Assert.Empty(scrape.Of("psi"));
        Assert.Empty(scrape.Of("drift_cusum_nats"));
        Assert.Empty(scrape.Of("kl_divergence_noise_floor_nats"));
        Assert.Equal(0, scrape.Value("""window_events{model="silent",segment="_all",window="5m"}"""));
        Assert.Null(scrape.Value("""entropy_nats{model="silent",segment="_all",window="5m"}"""));
        Assert.Empty(scrape.Of("last_evaluation_timestamp_seconds"));
        Assert.DoesNotContain(
            scrape.Samples, line => line.EndsWith("NaN", StringComparison.Ordinal) || line.EndsWith("Inf", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counters_AreThereBeforeAnythingIsCounted()
    {
        await using var monitor = await ScrapedMonitor.Start("a", "b");

        var scrape = await monitor.Scrape();

        var reasons = Enum.GetValues<RejectionReason>().Length - 1;
        Assert.Equal(2 * reasons, scrape.Of("records_rejected_total").Length);
        Assert.Equal(2, scrape.Of("records_consumed_total").Length);
        Assert.Equal(2, scrape.Of("records_late_total").Length);
        Assert.Equal(0, scrape.Value("""records_rejected_total{reason="probability_out_of_range",topic="b"}"""));
        Assert.Equal(0, scrape.Value("evaluations_total{}"));
        Assert.Equal(0, scrape.Value("evaluation_failures_total{}"));
        Assert.All(
            scrape.OfMonitor.Samples.Where(line => line.Contains("_total{", StringComparison.Ordinal)),
            line => Assert.EndsWith(" 0", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trailing_ThatIsNotReadyOrEmpty_SaysSo_AndWithoutOneSaysNothing()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(
            Reported.Of("m") with { Trailing = new TrailingDivergence(0, Readiness.Incomplete, 0, double.NaN, double.NaN, double.NaN) });
        monitor.Reports.Update(Reported.Of("without") with { Trailing = null });

        var scrape = await monitor.Scrape();

        Assert.Equal(
            ["""driftmonitor_trailing_window_events{model="m",segment="_all",window="5m"} 0"""], scrape.Of("trailing_window_events"));
        Assert.Equal(
            ["""driftmonitor_trailing_window_ready{model="m",segment="_all",window="5m"} 0"""], scrape.Of("trailing_window_ready"));
        Assert.Empty(scrape.Of("trailing_kl_divergence_nats"));
        Assert.Empty(scrape.Of("trailing_kl_divergence_noise_floor_nats"));
    }

    [Fact]
    public async Task Late_IsARejectionToo()
    {
        await using var monitor = await ScrapedMonitor.Start("a");
        var topic = monitor.Metrics.Service.Topic("a");
        topic.CountConsumed();
        topic.CountConsumed();
        topic.CountRejected(RejectionReason.Late, null, default);
        topic.CountRejected(RejectionReason.Future, null, default);

        var scrape = await monitor.Scrape();

        Assert.Equal(2, scrape.Value("""records_consumed_total{topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_late_total{topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_rejected_total{reason="late",topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_rejected_total{reason="future",topic="a"}"""));
        Assert.Equal(2, scrape.Of("records_rejected_total").Count(line => !line.EndsWith(" 0", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Retired_AndRevoked_VanishFromTheNextScrape()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("m", window: "5m", contributions: ("cat", 1)));
        monitor.Reports.Update(Reported.Of("m", window: "1h", contributions: ("cat", 1)));
        monitor.Reports.Update(Reported.Of("gone", contributions: ("cat", 1)));
        Assert.Contains("gone", (await monitor.Scrape()).Body, StringComparison.Ordinal);

        monitor.Reports.Update(Reported.Of("m", window: "5m", retired: true));
        monitor.Reports.Remove(model => model == "gone");
        var scrape = await monitor.Scrape();

        Assert.DoesNotContain("gone", scrape.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"5m\"", scrape.Body, StringComparison.Ordinal);
        Assert.Single(scrape.Of("window_events"));
        Assert.Equal(2, scrape.Of("kl_contribution_nats").Length);
    }

    [Fact]
    public async Task RetiredSeries_ThatWasNeverReported_HasAStateAndNothingElse()
    {
        await using var monitor = await ScrapedMonitor.Start();

        monitor.Reports.Update(Reported.Of("m", retired: true));

        Assert.All(
            (await monitor.Scrape()).Body.Split('\n').Where(line => line.Contains("\"m\"", StringComparison.Ordinal)),
            line => Assert.StartsWith("driftmonitor_model_s", line, StringComparison.Ordinal));
        Assert.Empty(monitor.Reports.Reports);
    }

    [Fact]
    public async Task Contributions_FollowTheTopClasses()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("m", contributions: [("cat", 0.5), ("dog", 0.25)]));
        await monitor.Scrape();

        monitor.Reports.Update(Reported.Of("m", contributions: [("emu", 1), ("cat", 0.75)]));
        var scrape = await monitor.Scrape();

        Assert.Equal(3, scrape.Of("kl_contribution_nats").Length);
        Assert.Equal(1, scrape.Value(Contribution("emu")));
        Assert.Equal(0.75, scrape.Value(Contribution("cat")));
        Assert.Equal(0.03125, scrape.Value(Contribution("__rest__")));
    }

    [Fact]
    public async Task ClassNamedAsTheRest_IsPartOfTheRest()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("m", restNats: 0.25, contributions: [("__rest__", 0.5), ("cat", 1)]));

        var scrape = await monitor.Scrape();

        Assert.Equal(0.75, scrape.Value(Contribution("__rest__")));
        Assert.Equal(1, scrape.Value(Contribution("cat")));
    }

    [Fact]
    public async Task Reference_ThatIsReplaced_LeavesNothingBehind()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.References.Use(Reported.References(Reported.Reference("m"), Reported.Reference("other")));
        var before = await monitor.Scrape();
        monitor.Time.Advance(TimeSpan.FromMinutes(1));

        monitor.References.Use(Reported.References(Reported.Reference("m", version: 2)));
        var scrape = await monitor.Scrape();

        var loaded = before.Value("""reference_loaded_timestamp_seconds{model="m"}""");
        Assert.Equal(loaded + 61, scrape.Value("""reference_loaded_timestamp_seconds{model="m"}"""));
        Assert.EndsWith("""version="2"} 1""", Assert.Single(scrape.Of("reference_info")), StringComparison.Ordinal);
        Assert.DoesNotContain("\"other\"", scrape.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reference_ThatStays_KeepsItsTime()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.References.Use(Reported.References(Reported.Reference("m")));
        var loaded = (await monitor.Scrape()).Value("""reference_loaded_timestamp_seconds{model="m"}""");
        monitor.Time.Advance(TimeSpan.FromMinutes(1));

        monitor.References.Use(Reported.References(Reported.Reference("m"), Reported.Reference("other")));

        var scrape = await monitor.Scrape();
        Assert.Equal(loaded, scrape.Value("""reference_loaded_timestamp_seconds{model="m"}"""));
        Assert.Equal(loaded + 61, scrape.Value("""reference_loaded_timestamp_seconds{model="other"}"""));
    }

    [Fact]
    public async Task Partitions_AreThoseAssignedLast()
    {
        await using var monitor = await ScrapedMonitor.Start("a", "b");
        monitor.Metrics.Service.Topic("a").UsePartitions([new(0, 10), new(1, 20)]);
        monitor.Metrics.Service.Topic("b").UsePartitions([new(0, 1)]);
        await monitor.Scrape();

        monitor.Metrics.Service.Topic("a").UsePartitions([new(1, 5), new(2, null)]);
        monitor.Metrics.Service.Topic("b").UsePartitions([]);
        var scrape = await monitor.Scrape();

        Assert.Equal(["""driftmonitor_consumer_lag_records{partition="1",topic="a"} 5"""], scrape.Of("consumer_lag_records"));
        Assert.Equal(2, scrape.Value("""assigned_partitions{topic="a"}"""));
        Assert.Equal(0, scrape.Value("""assigned_partitions{topic="b"}"""));
    }

    [Fact]
    public async Task TwoMonitorsInOneProcess_DoNotSeeEachOther()
    {
        await using var one = await ScrapedMonitor.Start("one");
        await using var other = await ScrapedMonitor.Start("other");

        Assert.DoesNotContain("\"other\"", (await one.Scrape()).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"one\"", (await other.Scrape()).Body, StringComparison.Ordinal);
    }

    private static string Contribution(string name) =>
        $$"""kl_contribution_nats{class="{{name}}",direction="live_vs_reference",model="m",segment="_all",window="5m"}""";

    private static FeedbackWindow Labelled(Attribution attribution, double? coverage) => new(
        new SeriesKey("digits", "_all"),
        WindowSpec.TryParse("5m/10s", out var window, out _) ? window : throw new InvalidOperationException(),
        attribution,
        1_767_225_900_000,
        new FeedbackMeasures(90, 1, 0.5, 1.25, 0.125, 0.9375, 0.25, 0.0625, coverage, []));

    /// <summary>
    /// One model with a segment and a reference, one without reference whose window is not complete, and one of two policies with a budget.
    /// </summary>
    private static async Task<ScrapedMonitor> TwoModels()
    {
        var monitor = await ScrapedMonitor.Start("predictions");
        var records = monitor.Services.GetRequiredService<RecentRecords>();
        foreach (var model in new[] { monitor.Models.Add("digits"), monitor.Models.Add("fraud"), monitor.Models.Add("digits") })
        {
            records.Begin();
            records.CountRead(model);
        }

        records.CountRejected(monitor.Models.Add("digits"));
        var (ppo, ofPpo) = (Reported.Reference("ppo", withLabels: true, blockMs: 300_000), Reported.OfPolicies("ppo"));
        monitor.References.Use(Reported.References(Reported.Reference("digits", version: 3), ppo));
        var calibrations = monitor.Services.GetRequiredService<Calibrations>();
        calibrations.Use(Reported.References(ppo));
        calibrations.Of("ppo")!.Drift(SeriesKey.All).Prepare(ofPpo.Window.Window, ofPpo.Window.Events);
        foreach (var (_, _, calibration) in calibrations.Of("ppo")!.Means().Where(
            mean => mean.Name is Calibrations.ErrorRatio or "entropy_rise" or "entropy_fall"))
        {
            calibration.Prepare(ofPpo.Window.Window, 300);
        }

        var digits = Reported.Of("digits", window: "5m", contributions: [("dog", 0.5), ("cat", -0.28125)]);
        foreach (var minutes in new[] { 10, 5, 0 }) // above for ten minutes
        {
            monitor.Alarms.Note(digits with { Window = digits.Window with { ToMs = digits.Window.ToMs - (minutes * 60_000) } });
        }

        var alarms = monitor.Services.GetRequiredService<ActiveAlarms>();
        var alarm = alarms.All.Single().Value with { OnsetMs = digits.Window.ToMs - 250_000, IsOnsetAtLeast = true };
        alarms.Show(alarm.Series, [alarm]);
        monitor.Services.GetRequiredService<LeftOutWindows>().Show(
            alarm.Series,
            [
                new LeftOut(
                    alarm.Series, AlarmKind.OutputDrift, AlarmSeverity.Critical, Reported.Of("digits", window: "1h").Window.Window,
                    1_260_000,
                    [new Reading(AlarmSeverity.Critical, Measure.KlLiveVsReference, 0.03125, 0.0625, null)]),
            ]);
        monitor.Reports.Update(Reported.Of("digits", window: "1h", contributions: [("dog", 0.5), ("cat", -0.28125)]));
        monitor.Reports.Update(Reported.Of("digits", "camera=2", contributions: [("cat", 0.21875)]));
        monitor.Reports.Update(Reported.Without("fraud", complete: false));
        monitor.Reports.Update(ofPpo with
        {
            Reference = ppo,
            Divergences = Reported.SomeDivergences,
            Dispersion = new Dispersion(300, LiveNats: 0.625, ReferenceNats: 0.5, NoiseFloorNats: 0.0078125),
        });
        monitor.Metrics.Service.Topic("predictions").CountConsumed();
        monitor.Metrics.Service.Topic("predictions").CountRejected(RejectionReason.Malformed, null, default);
        monitor.Metrics.Service.Topic("predictions").CountRejected(RejectionReason.Late, null, default);
        monitor.Metrics.Service.Topic("predictions").UsePartitions([new(0, 7), new(1, null)]);
        monitor.Metrics.Windows.CountEvaluations(4, TimeSpan.FromMilliseconds(3));
        monitor.Metrics.References.CountCalibration(TimeSpan.FromMilliseconds(1_500));
        monitor.Metrics.Kafka.SetGroupMember(KafkaClient.Predictions, true);
        monitor.Metrics.Kafka.SetGroupMember(KafkaClient.Feedback, false);
        monitor.Metrics.Service.CountRefusedRequest();
        monitor.Metrics.Windows.SetRestored(true, 1_767_225_820_000);
        var nowMs = monitor.Time.GetUtcNow().ToUnixTimeMilliseconds();
        monitor.Services.GetRequiredService<AlarmTests>().Show(
            new AlarmTest("spam", AlarmSeverity.Critical, nowMs, nowMs + 60_000), partition: 0, offset: 0, nowMs);
        monitor.Services.GetRequiredService<FeedbackWindows>().Update(Labelled(Attribution.LabelTime, coverage: null));
        monitor.Services.GetRequiredService<FeedbackWindows>().Update(Labelled(Attribution.PredictionTime, coverage: 0.3125));
        var labelled = Labelled(Attribution.LabelTime, coverage: null);
        monitor.Services.GetRequiredService<FeedbackWindows>().Update(
            labelled with { Series = new SeriesKey("ppo", "_all"), Measures = labelled.Measures with { Events = 300 } });
        monitor.Metrics.Feedback.CountMatched(delayMs: 30_000);
        monitor.Metrics.Feedback.CountUnmatched(null, UnmatchedReason.Duplicate, 2);
        monitor.Metrics.Feedback.CountUnmatched("digits", UnmatchedReason.UnknownClass, 3);
        return monitor;
    }

    [GeneratedRegex(@"(_threshold_(?:nats|ratio)\{(?:attribution=""[a-z_]+"",)?basis=""budget""[^}]*\}) \S+")]
    private static partial Regex OfBudget();
}
