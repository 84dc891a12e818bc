using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>Whether a window may raise an alarm, and if not, why not and when it will.</summary>
internal static class WindowText
{
    public static string Readiness(WindowItem window) => window.Readiness switch
    {
        Evaluation.Readiness.Ready when window.IsPending => "ready; its thresholds are being worked out",
        Evaluation.Readiness.Ready when window.IsUnsupported => "ready; its reference has too little for the thresholds of a budget",
        Evaluation.Readiness.Ready when window.Readings.IsEmpty => "ready; nothing to be compared with",
        Evaluation.Readiness.Ready => "ready",
        Evaluation.Readiness.Incomplete when window.ReadyMs is null => "filling: ready once events have come for its whole length",
        Evaluation.Readiness.Incomplete => "filling",
        Evaluation.Readiness.TooFewEvents =>
            $"too few events: ready once {window.Window} hold {CountText.Of(window.MinimumEvents)}",
        _ => "could not be evaluated: the monitor's log says why",
    };

    /// <summary>The threshold of a severity for one of its values.</summary>
    public static double? Threshold(WindowItem window, Measure measure, AlarmSeverity severity) =>
        window.Readings.FirstOrDefault(reading => reading.Measure == measure && reading.Severity == severity)?.Threshold;

    /// <summary>The lowest threshold of one of its values.</summary>
    public static double? Threshold(WindowItem window, Measure measure) =>
        window.Readings.Where(reading => reading.Measure == measure).Select(reading => (double?)reading.Threshold).Min();

    /// <summary>Whether any of its values is above its threshold.</summary>
    public static AlarmSeverity? Above(WindowItem window) =>
        window.Readings.Where(reading => reading.Above).Select(reading => (AlarmSeverity?)reading.Severity).Max();
}
