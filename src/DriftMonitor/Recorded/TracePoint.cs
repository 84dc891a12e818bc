using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;

namespace DriftMonitor.Recorded;

/// <summary>One evaluation as a point of a picture. Nats; null where there is none.</summary>
public readonly record struct TracePoint(
    long ToMs, double KlLiveVsReferenceNats, double KlReferenceVsLiveNats, double NoiseFloorNats, double? WarningNats, double? CriticalNats)
{
    /// <summary>How high above its lowest threshold the point is; without one, how high it is.</summary>
    public double Height => (WarningNats ?? CriticalNats) is { } threshold ? KlLiveVsReferenceNats / threshold : KlLiveVsReferenceNats;

    /// <param name="report">A report with divergences.</param>
    /// <param name="readings">Its readings.</param>
    public static TracePoint Of(DriftReport report, ImmutableArray<Reading> readings)
    {
        var divergences = report.Divergences!.Value;
        return new TracePoint(
            report.Window.ToMs,
            divergences.KlLiveVsReferenceNats,
            divergences.KlReferenceVsLiveNats,
            divergences.NoiseFloorNats,
            readings.ThresholdOf(AlarmSeverity.Warning, Measure.KlLiveVsReference),
            readings.ThresholdOf(AlarmSeverity.Critical, Measure.KlLiveVsReference));
    }
}
