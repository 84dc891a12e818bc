namespace DriftMonitor.Windows;

/// <summary>A series' pane, closed by and summed over every source partition. Immutable: the same bits, whoever computes it.</summary>
/// <param name="Series">The series.</param>
/// <param name="StartMs">The pane's start, epoch milliseconds.</param>
/// <param name="LengthMs">The pane's length: the base pane's or a window's slide.</param>
/// <param name="Classes">The class space of the sums.</param>
/// <param name="LatestEventMs">The largest event time in it.</param>
/// <param name="CoveredFromMs">From when on every event of the series has been seen.</param>
/// <param name="Sums">The value, not to be changed.</param>
public sealed record SettledPane(
    SeriesKey Series,
    long StartMs,
    long LengthMs,
    PaneClasses Classes,
    long LatestEventMs,
    long CoveredFromMs,
    PaneSums Sums) : PaneMessage
{
    /// <summary>The source partitions that the series' events had come from by the pane's end, ascending; empty when unknown.</summary>
    public ImmutableArray<int> Sources { get; init; } = [];

    /// <summary>Since when the class space is in force in the place of one that it outvoted; null if it outvoted none.</summary>
    public long? ClassesSinceMs { get; init; }

    /// <summary>The exclusive end, epoch milliseconds.</summary>
    public long EndMs => StartMs + LengthMs;
}
