namespace DriftMonitor.Alarms;

/// <summary>What <see cref="AlarmRule"/> has decided so far: with it a successor decides as its predecessor would have.</summary>
/// <param name="Running">The alarm of each window that is on, the shortest window first; null for none.</param>
/// <param name="Ended">The alarms of each window that ended within the longest window's length, the oldest first.</param>
internal sealed record AlarmRuleState(RunningAlarm?[] Running, List<EndedAlarm>[] Ended)
{
    /// <summary>Of nothing.</summary>
    public static AlarmRuleState Create(int windows) =>
        new(new RunningAlarm?[windows], [.. Enumerable.Range(0, windows).Select(_ => new List<EndedAlarm>())]);

    /// <summary>What alarms of a window have reported; without an end while one is on.</summary>
    public IEnumerable<(long OnsetMs, long? EndMs)> Reported(int window)
    {
        foreach (var ended in Ended[window])
        {
            yield return (ended.OnsetMs, ended.EndMs);
        }

        if (Running[window] is { } on)
        {
            yield return (on.OnsetMs, null);
        }
    }
}
