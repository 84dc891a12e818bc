using DriftMonitor.Worker.Logs;
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
        if (log.IsEnabled(level))
        {
            log.AlarmChanged(
                level, alarm.Severity.ToString(), alarm.Series.Model, alarm.Series.Segment, alarm.Kind.ToString(),
                alarm.EndedMs is null ? "begun" : "ended", text.Summary, text.Moved, text.Effect, text.Onset, text.Peak, text.Now,
                text.Windows, text.Segments, text.Pace, text.Labels, text.Link, text.Runbook);
        }
    }

    /// <summary>Logs who works on an alarm, or that nobody does any more.</summary>
    /// <param name="by">Who says so.</param>
    public static void TellAcknowledged(this ILogger log, Alarm alarm, Acknowledgement? acknowledged, string by) => log.AlarmAcknowledged(
        alarm.Severity.ToString(), DisplayText.Of(alarm.Series.Model), DisplayText.Of(alarm.Series.Segment), alarm.Kind.ToString(),
        TimeText.Utc(alarm.BeganMs), acknowledged is null ? "no longer acknowledged" : "acknowledged",
        DisplayText.Of(acknowledged?.By ?? by), acknowledged is null ? "–" : TimeText.Utc(acknowledged.UntilMs),
        DisplayText.Of(acknowledged?.Why ?? "–"));
}
