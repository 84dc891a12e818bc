using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Views;

/// <summary>An alarm with all that explains it.</summary>
/// <param name="Alarm">The alarm.</param>
/// <param name="Explanation">What is known of it now; null once it has ended, when its summary is all that is kept.</param>
/// <param name="Others">The other alarms of the model that are on, which may be the same incident.</param>
internal sealed record AlarmDetail(AlarmItem Alarm, ExplainedAlarm? Explanation, ImmutableArray<AlarmItem> Others)
{
    /// <summary>An explained alarm by itself.</summary>
    public static AlarmDetail Of(AlarmExplanation explanation, ModelOwner owner)
    {
        var alarm = explanation.Alarm;
        var explained = ExplainedAlarm.Of(explanation, alarm.Severity, owner.Runbook);
        return new(
            AlarmItem.Of(alarm.Series.Model, StatusAlarm.Of(alarm, alarm.Severity, explained.Text.Summary), owner, null), explained, []);
    }
}
