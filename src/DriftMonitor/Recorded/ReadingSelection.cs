using DriftMonitor.Alarms;

namespace DriftMonitor.Recorded;

/// <summary>What is picked out of the readings of one evaluation.</summary>
public static class ReadingSelection
{
    /// <summary>The threshold of a measure, nats; null for none.</summary>
    public static double? ThresholdOf(this ImmutableArray<Reading> readings, AlarmSeverity severity, Measure measure) =>
        readings.Where(reading => reading.Severity == severity && reading.Measure == measure)
            .Select(reading => (double?)reading.Threshold)
            .FirstOrDefault();

    /// <summary>The highest severity whose threshold is exceeded; null for none.</summary>
    public static AlarmSeverity? Exceeded(this ImmutableArray<Reading> readings) =>
        readings.Where(reading => reading.Exceeds).Select(reading => (AlarmSeverity?)reading.Severity).Max();
}
