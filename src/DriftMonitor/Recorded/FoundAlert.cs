using DriftMonitor.Alarms;

namespace DriftMonitor.Recorded;

/// <summary>An alert that would have fired.</summary>
/// <param name="explanation">What would have been said when it began.</param>
public sealed class FoundAlert(AlarmExplanation explanation)
{
    private const double WorthSaying = 1.1;

    private AlarmExplanation _explanation = explanation;

    /// <summary>As it ended, or as it stands at the end of what was recorded.</summary>
    public Alarm Alarm { get; set; } = explanation.Alarm;

    /// <summary>How many events the window had that raised it.</summary>
    public long Events { get; } = explanation.Now?.Events ?? 0;

    /// <summary>What there was to say of it at its worst, or when it was within a tenth of that.</summary>
    public AlarmExplanation Explanation => _explanation with { Alarm = Alarm };

    /// <summary>Takes in how it stands now; explains it anew only when clearly worse, for that goes over all the model's windows.</summary>
    public void Follow(Alarm alarm, Func<Alarm, AlarmExplanation> explain)
    {
        Alarm = alarm;
        if (alarm.Peak.Ratio > WorthSaying * _explanation.Alarm.Peak.Ratio)
        {
            _explanation = explain(alarm);
        }
    }
}
