using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.References;

/// <summary>What a reference is too small, too short or too patchy for.</summary>
public sealed class CoverageTextTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero); // a Monday

    [Fact]
    public void A_week_of_every_hour_lacks_nothing() => Assert.Empty(Lines(Minutes(7)));

    [Fact]
    public void Events_of_one_moment_have_no_thresholds() => Assert.StartsWith(
        "warning: as far as is known, all events of m are of one moment", Assert.Single(Lines([0, 0, 0])), StringComparison.Ordinal);

    /// <summary>Ten a class, of two classes.</summary>
    [Fact]
    public void Too_few_events_are_told_with_how_many_would_be_enough()
    {
        var lines = Lines(Enumerable.Range(0, 6).Select(i => i * 24 * 60 / 5));
        Assert.Contains(
            "warning: the reference of m has 6 events, where 20 would be enough: uncalibrated, only fixed thresholds watch: build it from "
            + "more predictions", lines);
    }

    [Fact]
    public void Less_than_a_day_has_no_daily_cycle() => Assert.Equal(
        [
            "warning: the reference of m covers 5h, not one day, so what every day or night brings will look like drift: build it from a "
            + "week (7d)",
        ],
        Lines(Enumerable.Range(0, 300)));

    [Fact]
    public void Office_hours_are_told_once_and_their_nights_are_no_gap() => Assert.Equal(
        [
            "warning: the reference of m has no event in 16 of the 24 hours of the day (UTC 17–09): traffic of those hours, if there is "
            + "any, will be compared with other hours; build it from whole days",
        ],
        Lines(Minutes(7).Where(minute => minute / 60 % 24 is >= 9 and < 17)));

    [Fact]
    public void Several_lone_hours_are_named()
    {
        var line = Assert.Single(Lines(Minutes(7).Where(minute => minute / 60 % 24 is not (3 or 12 or 13 or 23 or 0))));
        Assert.Contains("in 5 of the 24 hours of the day (UTC 03–04, 12–14, 23–01)", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_is_told_with_when_a_silent_model_will_be() => Assert.Equal(
        [
            "warning: the reference of m has no event for 16h from 2026-01-06 01:00:00Z, so a silent model is told after 20h only: build "
            + "it from time without such a gap, unless the model rests so long by itself",
        ],
        Lines(Minutes(7).Where(minute => minute is < 25 * 60 or >= 41 * 60)));

    [Fact]
    public void Rare_events_have_no_gaps() => Assert.DoesNotContain(
        Lines(Minutes(60).Where(minute => minute % 300 == 0)), line => line.Contains("no event for", StringComparison.Ordinal));

    private static IEnumerable<int> Minutes(int days) => Enumerable.Range(0, days * 24 * 60);

    private static string[] Lines(IEnumerable<int> minutes)
    {
        var models = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 0, acceptUnknown: true);
        Assert.True(ClassSpace.TryCreate(["a", "b"], out var space, out _));
        var model = models.Add("m");
        model.Fix(new ModelClasses(space, ModelClasses.Configured));
        var random = new Random(1);
        var builder = new ReferenceBuilder("m", space, blockMs: 60_000);
        foreach (var minute in minutes)
        {
            var line = System.Text.Encoding.UTF8.GetBytes($$"""{"label":"{{(random.Next(2) == 0 ? "a" : "b")}}"}""");
            var record = new PredictionRecord { RecordTimeMs = Start.AddMinutes(minute).ToUnixTimeMilliseconds() };
            new DriftMonitor.Worker.Formats.PredictionDecoder(models, new()).Decode(line, "m", default, record);
            builder.Add(record);
        }

        Assert.True(WindowSpec.TryParse("5m/10s", out var window, out _));
        return [.. CoverageText.Lines(builder.Build(1, Start), window)];
    }
}
