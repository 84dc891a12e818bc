using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What the log has of alarms.</summary>
internal static class AlarmLog
{
    /// <summary>Logs that an alarm has begun or ended, with all that explains it.</summary>
    /// <param name="pagedAs">The severity by which people hear of it.</param>
    public static void Tell(this ILogger log, Alarm alarm, AlarmText text, AlarmSeverity pagedAs)
    {
        var level = alarm.EndedMs is not null || !alarm.Pages ? LogLevel.Information
            : pagedAs == AlarmSeverity.Critical ? LogLevel.Error
            : LogLevel.Warning;
        log.Log(
            level,
            "{Severity} alarm of {Model}, segment {Segment}: {Kind} has {Change}\n{Summary}\n  moved: {Moved}\n  effect: {Effect}\n"
            + "  onset: {Onset}\n  peak: {Peak}\n  now: {Now}\n  windows: {Windows}\n  segments: {Segments}\n  pace: {Pace}\n"
            + "  labels: {Labels}\n  link: {Link}\n  runbook: {Runbook}",
            alarm.Severity, alarm.Series.Model, alarm.Series.Segment, alarm.Kind, alarm.EndedMs is null ? "begun" : "ended", text.Summary,
            text.Moved, text.Effect, text.Onset, text.Peak, text.Now, text.Windows, text.Segments, text.Pace, text.Labels, text.Link,
            text.Runbook);
    }

    /// <summary>Logs who works on an alarm, or that nobody does any more.</summary>
    /// <param name="by">Who says so.</param>
    public static void TellAcknowledged(this ILogger log, Alarm alarm, Acknowledgement? acknowledged, string by) => log.LogInformation(
        "{Severity} alarm of {Model}, segment {Segment}, {Kind} since {Began}: {Change} by {By}, until {Until}: {Why}",
        alarm.Severity, DisplayText.Of(alarm.Series.Model), DisplayText.Of(alarm.Series.Segment), alarm.Kind, TimeText.Utc(alarm.BeganMs),
        acknowledged is null ? "no longer acknowledged" : "acknowledged", DisplayText.Of(acknowledged?.By ?? by),
        acknowledged is null ? "–" : TimeText.Utc(acknowledged.UntilMs), DisplayText.Of(acknowledged?.Why ?? "–"));
}
