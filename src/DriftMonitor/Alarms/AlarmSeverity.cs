namespace DriftMonitor.Alarms;

/// <summary>What an alarm asks for. Each value is a label of the metrics, in lower case.</summary>
public enum AlarmSeverity
{
    /// <summary>A look in the morning.</summary>
    Warning,

    /// <summary>Somebody, now.</summary>
    Critical,
}
