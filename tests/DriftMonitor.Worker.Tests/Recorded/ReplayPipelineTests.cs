using CsCheck;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Worker.Tests.References;

namespace DriftMonitor.Worker.Tests.Recorded;

/// <summary>Times are seconds after a border of every window.</summary>
public sealed class ReplayPipelineTests
{
    [Fact]
    public void An_event_on_a_border_belongs_to_the_window_that_begins_there()
    {
        var replayed = new Replayed([Replayed.Line(0), Replayed.Line(59.999), Replayed.Line(60), Replayed.Line(120)]);
        Assert.Equal([(0, 60, 2), (60, 120, 1), (120, 180, 1)], replayed.Of());
    }

    [Fact]
    public void Windows_slide_over_the_events_until_the_slide_that_holds_the_last()
    {
        var replayed = new Replayed([Replayed.Line(0), Replayed.Line(70), Replayed.Line(130)], "3m/1m");
        Assert.Equal([(-120, 60, 1), (-60, 120, 2), (0, 180, 3)], replayed.Of());
    }

    [Fact]
    public void A_window_that_began_before_its_first_event_is_not_ready()
    {
        var replayed = new Replayed([Replayed.Line(0.001), Replayed.Line(60.5), Replayed.Line(120)]);
        Assert.Equal([Readiness.Incomplete, Readiness.Ready, Readiness.Ready], replayed.Reports.Select(report => report.Readiness));
        Assert.Equal([Readiness.Ready], new Replayed([Replayed.Line(0)]).Reports.Select(report => report.Readiness));
        Assert.Equal(
            [Readiness.Incomplete, Readiness.Ready],
            new Replayed([Replayed.Line(0), Replayed.Line(60)], "2m/1m").Reports.Select(report => report.Readiness));
    }

    [Fact]
    public void Every_event_counts_in_all_and_in_its_segment()
    {
        var replayed = new Replayed(
            [Replayed.Line(0), Replayed.Line(1, segment: "a"), Replayed.Line(2, segment: "b"), Replayed.Line(61, segment: "a")]);
        Assert.Equal([(0, 60, 3), (60, 120, 1)], replayed.Of());
        Assert.Equal([(0, 60, 1), (60, 120, 1)], replayed.Of(segment: "a"));
        Assert.Equal([(0, 60, 1), (60, 120, 0)], replayed.Of(segment: "b"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_600_000)] // so much may come out of order that nothing closes before the end
    public void A_series_has_no_windows_before_its_first_event(int latenessMs)
    {
        var lines = Enumerable.Range(0, 60).Select(minute => Replayed.Line(60 * minute)).ToList();
        lines.Add(Replayed.Line(3_600, "late starter"));
        lines.Add(Replayed.Line(3_601));
        var replayed = new Replayed(lines, latenessMs: latenessMs);
        Assert.Equal([(3_600, 3_660, 1)], replayed.Of("late starter"));
        Assert.Equal(61, replayed.Of().Count());
    }

    [Fact]
    public void A_series_that_falls_silent_has_empty_windows_for_twice_the_longest_length_and_starts_anew_after_it()
    {
        var replayed = new Replayed([Replayed.Line(0), Replayed.Line(30), Replayed.Line(5 * 3_600 + 1), Replayed.Line(5 * 3_600 + 61)]);
        Assert.Equal([(0, 60, 2), (60, 120, 0), (18_000, 18_060, 1), (18_060, 18_120, 1)], replayed.Of());
        Assert.Equal(
            [Readiness.Ready, Readiness.TooFewEvents, Readiness.Incomplete, Readiness.Ready],
            replayed.Reports.Select(report => report.Readiness));
    }

    [Fact]
    public void A_line_far_too_early_is_late_and_makes_no_windows()
    {
        var replayed = new Replayed([Replayed.Line(0), Replayed.Line(-20L * 365 * 86_400), Replayed.Line(60)]);
        Assert.Equal([(0, 60, 1), (60, 120, 1)], replayed.Of());
        Assert.Equal([KeyValuePair.Create(RejectionReason.Late, 1L)], replayed.Rejected);
    }

    [Fact]
    public void A_line_far_ahead_takes_no_time_and_what_comes_after_it_is_late()
    {
        const long years = 70L * 365 * 86_400;
        var replayed = new Replayed([Replayed.Line(0), Replayed.Line(years), Replayed.Line(60)], "10ms/10ms");
        Assert.Equal(RejectionReason.Late, Assert.Single(replayed.Rejected).Key);
        Assert.Equal((1, 1), (replayed.Of().First().Events, replayed.Of().Last().Events));
        Assert.True(replayed.Reports.Count < 10);
    }

    [Fact]
    public void Lines_out_of_order_within_the_allowed_lateness_count_where_they_belong()
    {
        var replayed = new Replayed([Replayed.Line(100), Replayed.Line(40), Replayed.Line(161), Replayed.Line(99)], latenessMs: 60_000);
        Assert.Equal([(0, 60, 1), (60, 120, 2), (120, 180, 1)], replayed.Of());
        Assert.Empty(replayed.Rejected);
    }

    [Fact]
    public void A_line_for_a_pane_that_has_closed_is_late_and_counted()
    {
        // The minute up to 60 is open while the clock stands at 120, and closed when it stands at 120.001.
        var open = new Replayed([Replayed.Line(0), Replayed.Line(120), Replayed.Line(59)], latenessMs: 60_000);
        var closed = new Replayed([Replayed.Line(0), Replayed.Line(120.001), Replayed.Line(59)], latenessMs: 60_000);
        Assert.Equal([(0, 60, 2), (60, 120, 0), (120, 180, 1)], open.Of());
        Assert.Equal([(0, 60, 1), (60, 120, 0), (120, 180, 1)], closed.Of());
        Assert.Equal([KeyValuePair.Create(RejectionReason.Late, 1L)], closed.Rejected);
    }

    [Fact]
    public void A_line_without_a_time_of_its_own_is_refused()
    {
        var replayed = new Replayed(["""{"model":"m","probs":[0.5,0.5]}"""]);
        Assert.Empty(replayed.Reports);
        Assert.Equal([KeyValuePair.Create(RejectionReason.InvalidTimestamp, 1L)], replayed.Rejected);
    }

    [Fact]
    public void Each_model_is_compared_with_its_own_reference()
    {
        var references = ReferenceSet.Latest([SmallSnapshot.Of("m", 1, null, 0.25), SmallSnapshot.Of("n", 1, null, 0.75)]);
        var replayed = new Replayed([Replayed.Line(0, "m"), Replayed.Line(1, "n"), Replayed.Line(2, "none")], references: references);
        var reports = replayed.Reports.ToDictionary(report => report.Window.Series.Model);
        Assert.Equal(
            [references.Of("m"), references.Of("n"), null], ((string[])["m", "n", "none"]).Select(model => reports[model].Reference));
        Assert.True(reports["m"].Divergences!.Value.KlLiveVsReferenceNats > 0);
        Assert.Null(reports["none"].Divergences);
    }

    [Fact]
    public void Every_window_counts_exactly_the_events_in_it_and_their_order_changes_no_bit() =>
        (from events in Gen.Select(Gen.Int[0, 1_800_000], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[1, 99])
             .Select((at, model, segment, percent) => (AtMs: at, Model: model, Segment: segment, Percent: percent)).Array[1, 60]
         from disorder in Gen.Int[0, 120_000].Array[events.Length]
         select (events, disorder)).Sample(
            sample =>
            {
                string LineOf((int AtMs, int Model, int Segment, int Percent) e) =>
                    Replayed.Line(e.AtMs / 1_000.0, $"m{e.Model}", e.Segment == 0 ? null : $"s{e.Segment}", e.Percent / 100.0);
                const string windows = "20m/1m 30m/5m";
                var ordered = new Replayed(sample.events.OrderBy(e => e.AtMs).Select(LineOf), windows, latenessMs: 120_000);
                // Whoever is at most 2 min behind the latest is not late.
                var disordered = new Replayed(
                    sample.events.Zip(sample.disorder).OrderBy(e => e.First.AtMs + e.Second).Select(e => LineOf(e.First)), windows,
                    latenessMs: 120_000);

                Assert.Empty(disordered.Rejected);
                Assert.Equal(ordered.Output, disordered.Output);

                var last = sample.events.Max(e => e.AtMs);
                foreach (var (model, segment) in from m in Enumerable.Range(0, 3) from s in Enumerable.Range(0, 3) select (m, s))
                {
                    var times = sample.events.Where(e => e.Model == model && (segment == 0 || e.Segment == segment))
                        .Select(e => e.AtMs)
                        .ToArray();
                    foreach (var (name, length, slide) in new[] { ("20m", 1_200_000, 60_000), ("30m", 1_800_000, 300_000) })
                    {
                        var expected =
                            from to in Enumerable.Range(1, 40).Select(i => i * slide)
                            where times.Length > 0 && to > times.Min() && to - slide <= last
                            select ((to - length) / 1_000L, to / 1_000L, (long)times.Count(at => at >= to - length && at < to));
                        Assert.Equal(expected, ordered.Of($"m{model}", segment == 0 ? "_all" : $"s{segment}", name));
                    }
                }
            },
            iter: 100);
}
