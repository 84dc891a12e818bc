using DriftMonitor.Calibration;
using DriftMonitor.Display;

namespace DriftMonitor.Alarms;

/// <summary>What a reference has too little of, in words.</summary>
public static class ShortfallText
{
    /// <summary>What follows <c>the reference</c>.</summary>
    public static string Of(Shortfall shortfall) => shortfall.Kind switch
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

    /// <summary>A line naming the windows whose alarms may be false more often, and one for each; none if the reference suffices.</summary>
    /// <param name="known">The reference, and what can be worked out of it.</param>
    /// <param name="windows">The windows.</param>
    public static IEnumerable<string> Lines(Calibrations.OfReference known, ImmutableArray<WindowSpec> windows)
    {
        string[] lines =
        [
            .. from window in windows
               from shortfall in known.Drift(SeriesKey.All).Shortfalls(window)
               select $"  {window.Name}: the reference {Of(shortfall)}",
            .. Means().GroupBy(mean => (mean.IsOfLabels ? "" : mean.Name, mean.Short)) // both measures of labels may lack the same
                .Select(alike => $"  {(alike.Skip(1).Any() ? "labels" : alike.First().Name)}, {alike.First().Short}"),
        ];
        return lines.Length == 0 ? [] : [$"Alarms of {known.Reference.Model} may be false more often than the budget says:", .. lines];

        IEnumerable<(string Name, bool IsOfLabels, string Short)> Means() =>
            from mean in known.Means()
            from window in windows
            from shortfall in mean.Calibration.Shortfalls(window)
            select (
                mean.Name.Replace('_', ' '), mean.Name is Calibrations.CrossEntropy or Calibrations.ErrorRatio,
                $"{window.Name}: it {Of(shortfall)}");
    }
}
