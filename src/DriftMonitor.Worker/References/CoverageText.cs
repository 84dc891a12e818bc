namespace DriftMonitor.Worker.References;

/// <summary>What a reference does not show of its model's traffic, a sentence each with what to do.</summary>
internal static class CoverageText
{
    private const double Rare = 20; // times the average time between events, before none for so long is a gap; chosen
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <param name="reference">The reference.</param>
    /// <param name="window">The shortest window that is watched.</param>
    public static IEnumerable<string> Lines(ReferenceSnapshot reference, WindowSpec window)
    {
        var name = reference.Model;
        if (ReferenceSpan.FromReference(reference) is not { } span)
        {
            yield return $"warning: as far as is known, all events of {name} are of one moment, so no budget has thresholds: give each its "
                + "time (ts), and build the reference from a week (7d)";
            yield break;
        }

        if (DriftCalibration.CanCalibrate(reference)
            && new DriftCalibration(reference, SeriesKey.All, new EvaluationSettings().PseudoEvents).Shortfalls(window)
                .FirstOrDefault(shortfall => shortfall.Kind == ShortfallKind.Events) is { Enough: > 0 } few)
        {
            yield return $"warning: the reference of {name} {ShortfallText.Of(few)}: build it from more predictions";
        }

        var hours = HoursWithoutEvents(reference, span);
        if (span.Whole < Day)
        {
            yield return $"warning: the reference of {name} covers {DurationText.Rounded(span.Whole.TotalMilliseconds)}, not one day, so "
                + "what every day or night brings will look like drift: build it from a week (7d)";
        }
        else if (hours.Count > 0)
        {
            var runs = string.Join(", ", Runs(hours).Select(run => $"{run.From:00}–{run.To:00}"));
            yield return $"warning: the reference of {name} has no event in {hours.Count} of the 24 hours of the day (UTC {runs}): traffic "
                + "of those hours, if there is any, will be compared with other hours; build it from whole days";
        }

        var usualHours = Runs(hours).Select(run => (run.To - run.From + 24) % 24).DefaultIfEmpty().Max();
        if (Gap(reference, span, usualHours) is { } gap)
        {
            yield return $"warning: the reference of {name} has no event for {DurationText.TwoUnits(gap.LengthMs)} from "
                + $"{TimeText.Utc(gap.StartMs)}, so a silent model is told after {DurationText.TwoUnits(5 * gap.LengthMs / 4)} only: build "
                + "it from time without such a gap, unless the model rests so long by itself";
        }
    }

    private static SortedSet<int> HoursWithoutEvents(ReferenceSnapshot reference, ReferenceSpan span)
    {
        var hours = new SortedSet<int>(Enumerable.Range(0, 24));
        foreach (var block in reference.Blocks)
        {
            for (var at = block.StartMs; at < block.StartMs + span.Block.TotalMilliseconds; at += (long)Hour.TotalMilliseconds)
            {
                hours.Remove(HourOf(at));
            }

            hours.Remove(HourOf(block.StartMs + (long)span.Block.TotalMilliseconds - 1));
        }

        return hours;

        static int HourOf(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).Hour;
    }

    /// <summary>Hours that follow each other, also past midnight, each run from its first hour to the one after its last.</summary>
    private static IEnumerable<(int From, int To)> Runs(SortedSet<int> hours) =>
        from hour in hours
        where !hours.Contains((hour + 23) % 24)
        select (hour, Enumerable.Range(hour + 1, 24).First(next => !hours.Contains(next % 24)) % 24);

    /// <summary>The longest time without an event, null if it is usual: no rarer than events are, or that of every day.</summary>
    /// <param name="usualHours">How many hours without an event every day has.</param>
    private static (long StartMs, long LengthMs)? Gap(ReferenceSnapshot reference, ReferenceSpan span, int usualHours)
    {
        var blocks = reference.Blocks;
        var longest = Enumerable.Range(1, blocks.Length - 1).MaxBy(i => blocks[i].StartMs - blocks[i - 1].StartMs);
        var start = blocks[longest - 1].StartMs + (long)span.Block.TotalMilliseconds;
        var length = TimeSpan.FromMilliseconds(blocks[longest].StartMs - start);
        return length >= Hour && length > (usualHours + 2) * Hour && length > Rare * span.Whole / reference.All.Events
            ? (start, (long)length.TotalMilliseconds)
            : null;
    }
}
