using System.Text.Json.Nodes;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>What is counted and kept of records that do not simply count.</summary>
public sealed class TopicMetricsTests
{
    private const long HourMs = 3_600_000;

    [Fact]
    public async Task Counters_are_kept_by_model_where_it_is_known()
    {
        await using var monitor = await ScrapedMonitor.Start("a");
        var (topic, model) = (monitor.Metrics.Service.Topic("a"), monitor.Models.Admit("m", out _)!);
        topic.CountRejected(RejectionReason.Late, model, default);
        topic.CountRejected(RejectionReason.Late, model, default);
        topic.CountRejected(RejectionReason.Late, null, default);
        topic.CountIgnored(model, default);
        topic.CountFallenBack(PredictionField.Timestamp | PredictionField.Segment, model, default);
        topic.CountDuplicate(model, default);
        topic.CountUncheckedIds(3);

        var scrape = await monitor.Scrape();

        Assert.Equal(2, scrape.Value("""records_rejected_total{model="m",reason="late",topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_rejected_total{reason="late",topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_ignored_total{model="m",topic="a"}"""));
        Assert.Equal(0, scrape.Value("""records_ignored_total{topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_fallen_back_total{field="ts",model="m",topic="a"}"""));
        Assert.Equal(1, scrape.Value("""records_fallen_back_total{field="segment",model="m",topic="a"}"""));
        Assert.Equal(3, scrape.Value("""records_late_total{topic="a"}"""));
        Assert.Equal(1, scrape.Value("""duplicates_total{model="m",topic="a"}"""));
        Assert.Equal(3, scrape.Value("""ids_unchecked_total{topic="a"}"""));
    }

    [Fact]
    public void Series_of_models_stay_within_the_cap_and_go_with_their_models()
    {
        var models = new WatchedModels(3, maxSegmentsPerModel: 1, acceptUnknown: true, silenceMs: 10);
        using var instruments = new Instruments();
        var topic = new ServiceMetrics(instruments, models, ["a"], new()).Topic("a");
        var first = Enumerable.Range(0, 3).Select(i => models.Admit($"m{i}", out _)!).ToList();
        var more = models.Add("configured"); // beyond the cap, as what people name is
        foreach (var model in first.Append(more))
        {
            topic.CountRejected(RejectionReason.Late, model, default);
            topic.CountRejected(RejectionReason.Late, model, default);
        }

        Assert.Equal([2, 2, 2, 2], Values());
        Assert.Equal(
            ["m0", "m1", "m2"], // the last one's is without its name
            topic.RejectedPoints()
                .SelectMany(point => point.Tags.ToArray())
                .Where(tag => tag.Key == "model")
                .Select(tag => tag.Value)
                .Order());
        Assert.Equal(8, topic.Rejected);

        first.ForEach(model => typeof(WatchedModel).GetMethod("Retire", System.Reflection.BindingFlags.Instance
            | System.Reflection.BindingFlags.NonPublic)!.Invoke(model, null));
        Assert.Equal([2], Values());
        topic.CountRejected(RejectionReason.Late, more, default);
        topic.CountRejected(RejectionReason.Late, first[0], default);
        Assert.Equal([1, 3], Values());
        Assert.Equal(10, topic.Rejected);

        long[] Values() => [.. topic.RejectedPoints().Select(point => point.Value).Where(value => value > 0).Order()];
    }

    [Fact]
    public void The_latest_few_are_kept_of_each_model_and_reason()
    {
        var (latest, models) = (new LatestRecords(), new WatchedModels(10_000, 1, acceptUnknown: true));
        var kind = new LatestRecords.Kind(RecordOutcome.Rejected, "late", models.Admit("m", out _));
        for (var offset = 0; offset < 7; offset++)
        {
            latest.Note(kind, "expected", new NotedRecord(1, offset, 0, 5));
        }

        latest.Note(kind with { Model = null }, "expected", new NotedRecord(2, 9, 1, 6));
        Assert.Equal(
            [(7L, "6 5 4 3 2"), (1L, "9")], latest.All.Select(all => (all.Count, string.Join(' ', all.Latest.Select(r => r.Offset)))));

        for (var i = 0; i < 2_000; i++)
        {
            latest.Note(kind with { Model = models.Admit($"m{i}", out _) }, "expected", new NotedRecord(1, 100 + i, 0, 5));
        }

        Assert.Equal(LatestRecords.MaxOfModels + 1, latest.All.Count);
        Assert.Equal(2_099, latest.All.Single(all => all.Kind.Model is null).Latest[0].Offset);
    }

    [Fact]
    public async Task The_latest_are_told_over_http_without_their_content()
    {
        await using var monitor = await ScrapedMonitor.Start("a", "b");
        monitor.Metrics.Service.Topic("a").CountConsumed(3);
        monitor.Metrics.Service.Topic("a").CountRejected(
            RejectionReason.SumNotOne, monitor.Models.Admit("m", out _), new NotedRecord(3, 77, 2, HourMs) { Where = "/score/p" });
        var told = JsonNode.Parse(await monitor.GetAsync("/api/v1/rejections"))!["replicas"]![0]!["topics"]!;
        Assert.Equal(["a", "b"], told.AsArray().Select(topic => (string)topic!["topic"]!));
        Assert.Equal((2, 1, 0), ((int)told[0]!["accepted"]!, (int)told[0]!["rejected"]!, (int)told[0]!["ignored"]!));
        Assert.Empty(told[1]!["latest"]!.AsArray());
        var latest = Assert.Single(told[0]!["latest"]!.AsArray())!;
        Assert.Equal(
            ("rejected", "sum_not_one", "m", 1, ReasonText.Expected(RejectionReason.SumNotOne)),
            ((string)latest["outcome"]!, (string)latest["reason"]!, (string)latest["model"]!, (int)latest["count"]!,
                (string)latest["expected"]!));
        Assert.Equal(
            """[{"partition":3,"offset":77,"row":2,"record_time_ms":3600000,"where":"/score/p","what_to_do":null}]""",
            latest["records"]!.ToJsonString());
    }

    [Fact]
    public void Each_reason_is_logged_once_an_hour()
    {
        var (log, time, topic) = (new LogLines(), new FakeTimeProvider(), Topic());
        var refusals = new RefusalLog(log, time);
        for (var minute = 0; minute < 61; minute++)
        {
            refusals.Note(topic, RejectionReason.Late, new NotedRecord(1, minute, 0, 0));
            refusals.Note(topic, RejectionReason.WrongType, new NotedRecord(1, 100 + minute, 0, 0) { Where = "/p" });
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(
            ["@0 is rejected, late", "@100 is rejected, wrong_type", "@60 is rejected, late", "@160 is rejected, wrong_type"],
            log.All.Select(line => line[line.IndexOf('@', StringComparison.Ordinal)..line.IndexOf(':', 10)]));
        Assert.Equal(
            "Warning: a [1] @100 is rejected, wrong_type: expected at /p: values of the types that the output forms have. What to do: Map "
            + "another value to the field, or mend the producer (dashboards/runbooks/Reasons.md). More of this reason within an hour are "
            + "only counted",
            log.All.ElementAt(1));
    }

    [Fact]
    public void A_topic_of_which_most_is_duplicates_is_logged_once_an_hour()
    {
        var (log, time, topic) = (new LogLines(), new FakeTimeProvider(), Topic());
        var refusals = new RefusalLog(log, time);
        void Pass(int minutes, int duplicates)
        {
            for (var minute = 0; minute < minutes; minute++)
            {
                topic.CountConsumed(1); // a record of ten rows
                for (var i = 0; i < 10; i++)
                {
                    topic.CountEvent();
                    if (i < duplicates)
                    {
                        topic.CountDuplicate(null, default);
                    }
                }

                time.Advance(TimeSpan.FromMinutes(1));
                refusals.LookAt(topic);
            }
        }

        refusals.LookAt(topic);
        Pass(10, duplicates: 5);
        Assert.Empty(log.All);
        Pass(50, duplicates: 6);
        Assert.StartsWith(
            "Warning: a: 6 of 10 predictions since the last look have the id of one before them, and count in no window. What to do: if "
            + "the id names something else than one prediction",
            Assert.Single(log.All),
            StringComparison.Ordinal);
        Pass(11, duplicates: 6);
        Assert.Equal(2, log.All.Count);
    }

    [Fact]
    public void A_topic_that_is_refused_as_a_whole_is_logged_within_a_minute_and_again_only_after_an_hour()
    {
        var (log, time, topic) = (new LogLines(), new FakeTimeProvider(), Topic());
        var refusals = new RefusalLog(log, time);
        var offset = 0L;
        Pass(TimeSpan.FromSeconds(59), reject: true);
        Assert.Equal(
            "Warning: a is refused as a whole: no record has counted for a minute, 30 were rejected since the last look, the first one at "
            + "[1] @0, undeclared_frame: expected: no frame around the value but those that the source declares. What to do: declare it "
            + "(dashboards/runbooks/Reasons.md)",
            Assert.Single(Wholly()));
        Pass(TimeSpan.FromMinutes(59), reject: true);
        Assert.Single(Wholly());
        Pass(TimeSpan.FromMinutes(2), reject: true);
        Assert.Equal(2, Wholly().Count);

        Pass(TimeSpan.FromMinutes(2), reject: true, accept: true);
        Pass(TimeSpan.FromSeconds(40), reject: true); // less than a minute without one that counts
        Assert.Equal(2, Wholly().Count);
        Pass(TimeSpan.FromMinutes(1), reject: true);
        Assert.Equal(3, Wholly().Count);

        Pass(TimeSpan.FromMinutes(2), reject: true, accept: true);
        Pass(TimeSpan.FromMinutes(10), reject: false); // nothing comes
        Assert.Equal(3, Wholly().Count);
        var before = offset;
        Pass(TimeSpan.FromMinutes(1), reject: true);
        Assert.Equal(4, Wholly().Count);
        Assert.Contains($"@{before}, undeclared_frame", Wholly()[3], StringComparison.Ordinal);

        List<string> Wholly() => [.. log.All.Where(line => line.Contains("as a whole", StringComparison.Ordinal))];

        void Pass(TimeSpan span, bool reject, bool accept = false)
        {
            for (var second = 0; second < span.TotalSeconds; second++)
            {
                refusals.LookAt(topic);
                topic.CountConsumed((reject ? 1 : 0) + (accept ? 1 : 0));
                if (reject)
                {
                    var record = new NotedRecord(1, offset++, 0, 0) { Remedy = "declare it" };
                    topic.CountRejected(RejectionReason.UndeclaredFrame, null, record);
                    refusals.Note(topic, RejectionReason.UndeclaredFrame, record);
                }

                time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    private static TopicMetrics Topic()
    {
        using var instruments = new Instruments();
        return new ServiceMetrics(instruments, new WatchedModels(10, 10, acceptUnknown: true), ["a"], new()).Topic("a");
    }
}
