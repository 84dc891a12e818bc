using DriftMonitor.Evaluation;
using DriftMonitor.Join;

namespace DriftMonitor.Recorded;

/// <summary>The latest report of each series and window, and what labels say of it: what alerts are explained by.</summary>
public sealed class LatestWindows
{
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window), DriftReport> _reports = [];
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window, Attribution Attribution), FeedbackWindow> _labels = [];

    /// <summary>Takes a report in.</summary>
    public void Note(DriftReport report) => _reports[(report.Window.Series, report.Window.Window)] = report;

    /// <summary>Takes in what labels say of a window.</summary>
    public void Note(FeedbackWindow labels) => _labels[(labels.Series, labels.Window, labels.Attribution)] = labels;

    /// <summary>The reports that are no older than a slide of theirs.</summary>
    /// <param name="nowMs">The present, epoch milliseconds.</param>
    public IEnumerable<DriftReport> Reports(long nowMs) =>
        _reports.Values.Where(report => nowMs - report.Window.ToMs <= report.Window.Window.SlideMs);

    /// <inheritdoc cref="Reports"/>
    public IEnumerable<FeedbackWindow> Labels(long nowMs) => _labels.Values.Where(labels => nowMs - labels.ToMs <= labels.Window.SlideMs);
}
