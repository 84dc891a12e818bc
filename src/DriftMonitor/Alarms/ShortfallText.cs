using DriftMonitor.Calibration;
using DriftMonitor.Display;

namespace DriftMonitor.Alarms;

/// <summary>What a reference has too little of for a budget of false alarms, in words.</summary>
public static class ShortfallText
{
    private const string Uncalibrated = "uncalibrated, only fixed thresholds watch";
    private const string OfRareBudgets = "calibrated only for budgets below 1 alarm in 1,000 windows";

    /// <summary>What follows <c>the reference</c>, and what comes of it.</summary>
    public static string Of(Shortfall shortfall) => $"{Amount(shortfall)}: {Consequence(shortfall)}";

    /// <summary>For each consequence a line, and one for each window that has it; none if the reference suffices.</summary>
    /// <param name="known">The reference, and what can be worked out of it.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="compared">The segments that are compared with the rest of live traffic; none when left out.</param>
    public static IEnumerable<string> Lines(
        Calibrations.OfReference known, ImmutableArray<WindowSpec> windows, ImmutableArray<string> compared = default)
    {
        (Shortfall Short, string Line)[] all =
        [
            .. from window in windows
               from shortfall in known.Drift(SeriesKey.All).Shortfalls(window)
               select (shortfall, $"  {window.Name}: the reference {Amount(shortfall)}"),
            .. from segment in compared.IsDefault ? [] : compared
               from window in windows
               from shortfall in known.Live(segment).Shortfalls(window)
               select (shortfall, $"  {segment} beside the rest, {window.Name}: the reference {Amount(shortfall)}"),
            .. Means().GroupBy(mean => (mean.Of ?? mean.Name, mean.Line)) // both measures of labels may lack the same
                .Select(
                    alike => (alike.First().Short, $"  {(alike.Skip(1).Any() ? alike.Key.Item1 : alike.First().Name)}, {alike.Key.Line}")),
        ];
        return all.GroupBy(each => Consequence(each.Short), StringComparer.Ordinal)
            .OrderByDescending(group => group.Key, StringComparer.Ordinal)
            .SelectMany(group => group.Select(each => each.Line).Prepend($"Of {known.Reference.Model}, {group.Key}:"));

        IEnumerable<(string Name, string? Of, Shortfall Short, string Line)> Means() =>
            from mean in known.Means()
            from window in windows
            from shortfall in mean.Calibration.Shortfalls(window)
            select (
                mean.Name.Replace('_', ' '), mean.Name is Calibrations.CrossEntropy or Calibrations.ErrorRatio ? "labels"
                : Measures.OfDispersion.Any(measure => Measures.NameOf(measure) == mean.Name) ? "mean entropy"
                : null, shortfall,
                $"{window.Name}: it {Amount(shortfall)}");
    }

    private static string Consequence(Shortfall shortfall) => shortfall.Withholds(0) ? Uncalibrated : OfRareBudgets;

    private static string Amount(Shortfall shortfall) => shortfall.Kind switch
    {
        ShortfallKind.Time =>
            $"covers {DurationText.Rounded(shortfall.Has)} of traffic, where {DurationText.Rounded(shortfall.Enough)} would show how "
            + $"such windows vary",
        ShortfallKind.Events =>
            string.Create(CultureInfo.InvariantCulture, $"has {shortfall.Has:0} events, where {shortfall.Enough:0} would be enough"),
        _ =>
            $"covers {DurationText.Rounded(shortfall.Has)} of traffic that fluctuates, where "
            + $"{DurationText.Rounded(shortfall.Enough)} would show how far",
    };
}
