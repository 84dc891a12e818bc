using DriftMonitor.Calibration;

namespace DriftMonitor.Alarms;

/// <summary>What has to be worked out before a window has a threshold.</summary>
/// <param name="Subject">Whose and which, <c>digits/_all drift</c>: with the reference and the window, what tells requests apart.</param>
/// <param name="ReferenceId">The reference.</param>
/// <param name="Window">The window.</param>
/// <param name="Prepare">Works it out, and says what the reference has too little of: slow.</param>
/// <param name="OfSegment">Whether it is of a segment, which waits until none of all traffic does.</param>
public readonly record struct CalibrationRequest(
    string Subject, string ReferenceId, WindowSpec Window, Func<ImmutableArray<Shortfall>> Prepare, bool OfSegment = false)
{
    /// <summary>The series whose window it is for, so that it is judged anew when this is done; null for none.</summary>
    public SeriesKey? Series { get; init; }

    /// <summary>Which of all requests it is; given by the queue.</summary>
    public long Number { get; init; }
}
