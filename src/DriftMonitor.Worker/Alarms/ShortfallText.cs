using System.Collections.Immutable;
using System.Globalization;
using DriftMonitor.Calibration;
using DriftMonitor.References;
using DriftMonitor.Windows;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What a reference has too little of, in words.</summary>
internal static class ShortfallText
{
    /// <summary>What follows <c>the reference</c>.</summary>
    public static string Of(Shortfall shortfall) => shortfall.Kind switch
    {
        ShortfallKind.Time => $"covers {Time(shortfall.Has)} of traffic, where {Time(shortfall.Enough)} would show how such windows vary",
        ShortfallKind.Events => string.Create(CultureInfo.InvariantCulture, $"has {shortfall.Has:0} events, where its classes need {shortfall.Enough:0}"),
        _ => $"covers {Time(shortfall.Has)} of traffic that fluctuates by itself, where {Time(shortfall.Enough)} would show how far",
    };

    /// <summary>A line for each window that the reference is too small for; none when it is large enough for all.</summary>
    public static IEnumerable<string> Lines(ReferenceSnapshot reference, DriftCalibration calibration, ImmutableArray<WindowSpec> windows) =>
        from window in windows
        let shortfalls = calibration.Shortfalls(window)
        where !shortfalls.IsEmpty
        select $"over {window.Name}, alarms of {reference.Model} may be false more often than the budget says: its reference {string.Join(", and it ", shortfalls.Select(Of))}";

    private static string Time(double milliseconds) => ReferenceSpan.Text(TimeSpan.FromMilliseconds(milliseconds));
}
