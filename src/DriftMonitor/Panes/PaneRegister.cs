namespace DriftMonitor.Panes;

/// <summary>The whole value that one source partition has accumulated for a pane so far, with the offsets that it reaches.</summary>
/// <remarks>
/// A versioned register (<see cref="Windows.RegisterVersions"/>): of two values for the same series, pane and source partition the one with
/// the smaller first offset wins, then the one with the larger last offset. So repeats, replays after a crash and values of a replica that
/// no longer owns the partition do no harm. Immutable: <see cref="Sums"/> must not be changed once it is in a register.
/// </remarks>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="Series">The series.</param>
/// <param name="PaneStartMs">The pane's start, epoch milliseconds.</param>
/// <param name="Classes">The class space of the sums.</param>
/// <param name="FirstOffset">
/// The offset of the first event in the value, or an earlier one from which on it must be re-read: its duplicates were found by ids since
/// then.
/// </param>
/// <param name="LastOffset">The offset of the last event in the value.</param>
/// <param name="EarliestEventMs">The smallest event time in the value.</param>
/// <param name="LatestEventMs">The largest event time in the value.</param>
/// <param name="Sums">The value.</param>
public sealed record PaneRegister(
    int SourcePartition,
    SeriesKey Series,
    long PaneStartMs,
    PaneClasses Classes,
    long FirstOffset,
    long LastOffset,
    long EarliestEventMs,
    long LatestEventMs,
    PaneSums Sums) : PaneMessage;
