using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Windows;

namespace DriftMonitor.Alarms;

/// <summary>
/// Finds what thresholds of a divergence are worked out from: of a segment the reference, of a comparison of live traffic how the
/// reference's traffic behaves, or without one the rest's own recent traffic. Thread-safe.
/// </summary>
/// <remarks>What waits in a queue holds no window: its panes are many.</remarks>
/// <param name="windows">All that are watched, the shortest first.</param>
/// <param name="calibrations">What is known of the references in use.</param>
internal sealed class DriftSources(ImmutableArray<WindowSpec> windows, Calibrations calibrations)
{
    private readonly RecentTraffic _recent = new(windows, calibrations.PseudoEvents);

    /// <summary>Takes in what a window shows of recent traffic, where there is no reference.</summary>
    public void Note(LiveWindow window)
    {
        if (window.Rest is not null && calibrations.Of(window.Series.Model) is null)
        {
            _recent.Note(window);
        }
    }

    /// <summary>That of a report's window; null where there is nothing.</summary>
    /// <param name="report">The report.</param>
    /// <param name="share">How the model's budget is divided.</param>
    /// <param name="withCusum">Whether a CUSUM has a part.</param>
    public DriftSource? Of(DriftReport report, BudgetShare share, bool withCusum)
    {
        var window = report.Window;
        var known = calibrations.Of(window.Series.Model);
        if (window.Rest is { } rest)
        {
            var found = known?.Reference.ClassSpace.Id == window.Classes.SpaceId && DriftCalibration.CanCalibrate(known.Reference)
                ? OfLive(known, window.Series)
                : OfRecent(window.Series, window.Window, window.Classes.SpaceId);
            return found is not { } source ? null : source with
            {
                Events = DriftCalibration.LiveEvents(window.Events, rest.Events),
                Share = share.OfComparison,
                IsTurned = window.Events > rest.Events,
            };
        }

        return known is null || known.Reference.Id != report.Reference?.Id
            ? null
            : OfSegment(known, window.Series) with
            {
                Events = window.Events,
                Share = share.OfDrift(known.Reference.SegmentOf(window.Series.Segment)),
                WithCusum = withCusum,
            };
    }

    private DriftSource OfSegment(Calibrations.OfReference known, SeriesKey series) => new(
        known.MadeDrift(series.Segment), () => known.Drift(series.Segment), known.Reference.Id,
        () => calibrations.Of(series.Model) == known);

    private DriftSource OfLive(Calibrations.OfReference known, SeriesKey series) => new(
        known.MadeLive(series.Segment), () => known.Live(series.Segment), known.Reference.Id,
        () => calibrations.Of(series.Model) == known);

    private DriftSource? OfRecent(SeriesKey series, WindowSpec window, string spaceId) =>
        _recent.Of(series, window, spaceId) is not { } taken
            ? null
            : new DriftSource(taken.Made, taken.Make, taken.Id, () => _recent.Of(series, window, spaceId) == taken)
            {
                Before = taken.Before,
            };
}
