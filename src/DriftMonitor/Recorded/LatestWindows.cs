using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Backtest;

/// <summary>The latest report of each series and window, and what labels say of it: what alerts are explained by.</summary>
internal sealed class LatestWindows
{
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window), DriftReport> _reports = [];
    private readonly Dictionary<(SeriesKey Series, WindowSpec Window, Attribution Attribution), FeedbackWindow> _labels = [];

    public void Note(DriftReport report) => _reports[(report.Window.Series, report.Window.Window)] = report;

    public void Note(FeedbackWindow labels) => _labels[(labels.Series, labels.Window, labels.Attribution)] = labels;

    /// <summary>The reports that are no older than a slide of theirs.</summary>
    /// <param name="nowMs">The present, epoch milliseconds.</param>
    public IEnumerable<DriftReport> Reports(long nowMs) => _reports.Values.Where(report => nowMs - report.Window.ToMs <= report.Window.Window.SlideMs);

    /// <inheritdoc cref="Reports"/>
    public IEnumerable<FeedbackWindow> Labels(long nowMs) => _labels.Values.Where(labels => nowMs - labels.ToMs <= labels.Window.SlideMs);
}
