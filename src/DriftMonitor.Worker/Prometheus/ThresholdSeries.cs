using DriftMonitor.Worker.Alarms;
using Point = System.Diagnostics.Metrics.Measurement<double>;

namespace DriftMonitor.Worker.Prometheus;

/// <summary>Thresholds as they are exported, beside the values that they are for.</summary>
internal static class ThresholdSeries
{
    private const string Warning = "warning";
    private const string Critical = "critical";

    /// <summary>The points of one window without a direction.</summary>
    public static IEnumerable<Point> Of(WindowSeries window, Thresholds thresholds) => Points(window, null, thresholds);

    /// <summary>The points of one window in both directions.</summary>
    public static IEnumerable<Point> InBothDirections(WindowSeries window, Thresholds thresholds) =>
        Points(window, "live_vs_reference", thresholds).Concat(Points(window, "reference_vs_live", thresholds));

    private static IEnumerable<Point> Points(WindowSeries window, string? direction, Thresholds thresholds)
    {
        if (thresholds.WarningNats is { } warning)
        {
            yield return new Point(warning, window.WithSeverity(direction, Warning));
        }

        if (thresholds.CriticalNats is { } critical)
        {
            yield return new Point(critical, window.WithSeverity(direction, Critical));
        }
    }
}
