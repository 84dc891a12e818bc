using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>Whether a window may raise an alarm, and if not, why not and when it will.</summary>
internal static class WindowText
{
    public static string Readiness(WindowItem window, long nowMs) => window.Readiness switch
    {
        Evaluation.Readiness.Ready when window.IsPending => "ready; its thresholds are being worked out",
        Evaluation.Readiness.Ready when window.IsUnsupported => "ready; its reference has too little for the thresholds of a budget",
        Evaluation.Readiness.Ready when window.Readings.IsEmpty => "ready; nothing to be compared with",
        Evaluation.Readiness.Ready => "ready",
        var reason => NotReady(reason, window.Window, window.ReadyMs, window.MinimumEvents, "events", nowMs),
    };

    /// <summary>Why a window that may not raise an alarm may not, and when it will.</summary>
    public static string NotReady(StandingItem window, long nowMs) => window.Readiness is { } reason
        ? NotReady(
            reason, window.Window, window.ReadyMs, window.MinimumEvents ?? 0, Counted(window.Measure), nowMs)
        : "not ready: incomplete, or too few events";

    /// <summary>What a value of a measure is the mean of.</summary>
    public static string Counted(Measure measure) => measure is Measure.CrossEntropyLabelTime or Measure.CrossEntropyPredictionTime
        or Measure.ErrorRatioLabelTime or Measure.ErrorRatioPredictionTime ? "labels" : "events";

    private static string NotReady(Readiness reason, string window, long? readyMs, long minimum, string counted, long nowMs) =>
        reason switch
        {
            Evaluation.Readiness.Incomplete when readyMs is null => $"filling: ready once {counted} have come for its whole length",
            Evaluation.Readiness.Incomplete when readyMs <= nowMs => $"filling: ready once the {counted} until now have been read",
            Evaluation.Readiness.Incomplete => $"filling, ready {SpanText.FromNow(readyMs.Value, nowMs)}",
            Evaluation.Readiness.TooFewEvents => $"too few {counted}: ready once {window} hold {CountText.Of(minimum)}",
            _ => "could not be evaluated: the monitor's log says why",
        };

    /// <summary>The threshold of a severity for one of its values.</summary>
    public static double? Threshold(WindowItem window, Measure measure, AlarmSeverity severity) =>
        window.Readings.FirstOrDefault(reading => reading.Measure == measure && reading.Severity == severity)?.Threshold;

    /// <summary>The lowest threshold of one of its values.</summary>
    public static double? Threshold(WindowItem window, Measure measure) =>
        window.Readings.Where(reading => reading.Measure == measure).Select(reading => (double?)reading.Threshold).Min();

    /// <summary>Whether any of its values is above its threshold.</summary>
    public static AlarmSeverity? Above(WindowItem window) => Above(window.Readings);

    /// <summary>The highest severity whose threshold one of the values is above; null for none.</summary>
    public static AlarmSeverity? Above(ImmutableArray<ReadingItem> readings) =>
        readings.Where(reading => reading.Above).Select(reading => (AlarmSeverity?)reading.Severity).Max();
}
