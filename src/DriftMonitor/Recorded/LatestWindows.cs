using DriftMonitor.Alarms;
using DriftMonitor.Join;

namespace DriftMonitor.Recorded;

/// <summary>The latest report of each series and window, and what labels say of it: what alerts are explained by.</summary>
public sealed class LatestWindows
{
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window), JudgedReport> _reports = [];
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window, Attribution Attribution), JudgedLabels> _labels = [];

    /// <summary>Takes a report in.</summary>
    public void Note(JudgedReport judged) =>
        _reports[(judged.Report.Window.Series, judged.Report.Window.Window)] = judged.WithoutPanes();

    /// <summary>Takes in what labels say of a window.</summary>
    public void Note(JudgedLabels judged) =>
        _labels[(judged.Window.Series, judged.Window.Window, judged.Window.Attribution)] = judged.Kept();

    /// <summary>The reports that are no older than a slide of theirs.</summary>
    /// <param name="nowMs">The present, epoch milliseconds.</param>
    public IEnumerable<JudgedReport> Reports(long nowMs) =>
        _reports.Values.Where(judged => nowMs - judged.Report.Window.ToMs <= judged.Report.Window.Window.SlideMs);

    /// <inheritdoc cref="Reports"/>
    public IEnumerable<JudgedLabels> Labels(long nowMs) =>
        _labels.Values.Where(judged => nowMs - judged.Window.ToMs <= judged.Window.Window.SlideMs);
}
