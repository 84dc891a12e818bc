namespace DriftMonitor.Alarms;

/// <summary>An alarm that is on, and which windows keep it on. Used by one thread.</summary>
internal sealed class Incident(Alarm alarm)
{
    /// <summary>As it is known now.</summary>
    public Alarm Alarm { get; set; } = alarm;

    /// <summary>The windows that keep it on.</summary>
    public List<(int Stream, int Window)> Members { get; init; } = [];
}
