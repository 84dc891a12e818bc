namespace DriftMonitor.Worker.Logs;

/// <content>Alarms and the calibrations of their thresholds.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(EventId = 1501, Message =
        "{Severity} alarm of {Model}, segment {Segment}: {Kind} has {Change}\n{Summary}\n  moved: {Moved}\n  effect: {Effect}\n"
        + "  onset: {Onset}\n  peak: {Peak}\n  now: {Now}\n  windows: {Windows}\n  segments: {Segments}\n  pace: {Pace}\n"
        + "  labels: {Labels}\n  link: {Link}\n  runbook: {Runbook}")]
    public static partial void AlarmChanged(
        this ILogger log, LogLevel level, string severity, string model, string segment, string kind, string change, string summary,
        string moved, string effect, string onset, string peak, string now, string windows, string segments, string pace, string labels,
        string link, string runbook);

    [LoggerMessage(1502, LogLevel.Information,
        "{Severity} alarm of {Model}, segment {Segment}, {Kind} since {Began}: {Change} by {By}, until {Until}: {Why}")]
    public static partial void AlarmAcknowledged(
        this ILogger log, string severity, string model, string segment, string kind, string began, string change, string by,
        string until, string why);

    [LoggerMessage(1503, LogLevel.Warning,
        "what calibrations work out cannot be written to {Topic}: {Reason} ({Code}); the next start works it out again")]
    public static partial void CalibrationsUnwritten(this ILogger log, string topic, string reason, string code);

    [LoggerMessage(1504, LogLevel.Warning,
        "{Record} cannot be read, and is of a newer version or of another program: what it may hold is worked out here")]
    public static partial void CalibrationUnreadable(this ILogger log, string record);

    [LoggerMessage(1505, LogLevel.Information,
        "{Topic} has not been read to its end within {Seconds} s: thresholds are worked out meanwhile")]
    public static partial void CalibrationsSlow(this ILogger log, string topic, double seconds);

    [LoggerMessage(1506, LogLevel.Error, "{Topic} is read no more: what other replicas work out is worked out here too")]
    public static partial void CalibrationsEnded(this ILogger log, Exception fault, string topic);

    [LoggerMessage(1507, LogLevel.Error,
        "{Subject} over {Window} could not be calibrated: a fixed threshold watches it, where there is one")]
    public static partial void CalibrationFailed(this ILogger log, Exception fault, string subject, string window);

    [LoggerMessage(1508, LogLevel.Warning, "{Subject} over {Window}: the reference {Shortfalls}")]
    public static partial void ReferenceTooSmall(this ILogger log, string subject, string window, string shortfalls);
}
