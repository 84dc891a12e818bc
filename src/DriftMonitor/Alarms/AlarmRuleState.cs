namespace DriftMonitor.Alarms;

/// <summary>What <see cref="AlarmRule"/> has decided so far: with it a successor decides as its predecessor would have.</summary>
/// <param name="Running">The alarm of each window that is on, the shortest window first; null for none.</param>
/// <param name="Ended">The alarms of each window that ended within the longest window's length, the oldest first.</param>
internal sealed record AlarmRuleState(RunningAlarm?[] Running, List<EndedAlarm>[] Ended)
{
    /// <summary>Of nothing.</summary>
    public static AlarmRuleState Create(int windows) =>
        new(new RunningAlarm?[windows], [.. Enumerable.Range(0, windows).Select(_ => new List<EndedAlarm>())]);
}
