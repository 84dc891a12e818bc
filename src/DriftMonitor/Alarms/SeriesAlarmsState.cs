namespace DriftMonitor.Alarms;

/// <summary>What was decided of a series' alarms of one kind.</summary>
/// <param name="Series">The series.</param>
/// <param name="Kind">What they are about.</param>
/// <param name="ReferenceId">The reference that they are a drift from; null where none was known.</param>
/// <param name="Severities">What was decided by each sort of threshold.</param>
internal sealed record SeriesAlarmsState(
    SeriesKey Series, AlarmKind Kind, string? ReferenceId, ImmutableArray<SeverityState> Severities);
