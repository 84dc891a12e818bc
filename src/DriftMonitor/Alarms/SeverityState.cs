namespace DriftMonitor.Alarms;

/// <summary>
/// What <see cref="SeverityAlarms"/> has decided so far, by what tells apart values of one kind where each is decided for itself.
/// </summary>
/// <param name="Severity">By thresholds of which severity.</param>
/// <param name="IsCalibrated">Whether these come from a budget.</param>
internal sealed record SeverityState(AlarmSeverity Severity, bool IsCalibrated)
{
    /// <summary>The alarms that are on, the first to begin first.</summary>
    public List<Incident> Incidents { get; init; } = [];

    /// <summary>The end of the latest window that was decided.</summary>
    public long DecidedToMs { get; set; }

    /// <summary>By budgets.</summary>
    public Dictionary<int, AlarmRuleState> Rules { get; init; } = [];

    /// <summary>
    /// By budgets, where there are no panes: when each window was last above while it keeps an alarm on, the shortest first.
    /// </summary>
    public Dictionary<int, long?[]> Wholes { get; init; } = [];

    /// <summary>By fixed thresholds.</summary>
    public Dictionary<int, FixedThresholdState> Fixed { get; init; } = [];

    /// <summary>By fixed thresholds: what is above in each window, and since when that is, the shortest window first.</summary>
    public Dictionary<int, (Reading Reading, long? OnsetMs, bool IsOnsetAtLeast)?[]> Latest { get; init; } = [];
}
