namespace DriftMonitor.Worker.Views;

/// <summary>The order of alarms in lists.</summary>
internal static class AlarmOrder
{
    /// <summary>
    /// Those that are on and that somebody has to hear of, critical ones first, the last to begin first; then the last to end.
    /// </summary>
    public static IComparer<AlarmItem> ByUrgency { get; } = Comparer<AlarmItem>.Create((one, other) => Key(one).CompareTo(Key(other)));

    private static (bool HasEnded, bool IsSilent, int PagesAs, int Severity, long Time, string Model, string Segment, AlarmKind Kind) Key(
        AlarmItem alarm) =>
        (
            alarm.EndedMs is not null, !alarm.Pages, -(int)alarm.PagesAs, -(int)alarm.Severity, -(alarm.EndedMs ?? alarm.BeganMs),
            alarm.Model, alarm.Segment, alarm.Kind);
}
