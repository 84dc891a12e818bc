using DriftMonitor.Worker.State;
using Point = System.Diagnostics.Metrics.Measurement<double>;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.Metrics;

/// <summary>Thresholds as they are exported, beside the values that they are for.</summary>
/// <remarks>Labels are made anew for each scrape: to keep four sets for each window would cost more memory than that costs time.</remarks>
internal static class ThresholdSeries
{
    /// <summary>The points of a window's KL divergence; its labels are model, segment, window.</summary>
    public static IEnumerable<Point> OfKl(Tags window, ImmutableArray<Reading> readings) =>
        from reading in readings
        where reading.Measure != Measure.CusumLiveVsReference
        let direction = reading.Measure == Measure.KlLiveVsReference ? "live_vs_reference" : "reference_vs_live"
        select new Point(
            reading.Threshold, [Basis(reading), new("direction", direction), .. window[..2], Severity(reading), window[2]]);

    /// <summary>The points of a window's CUSUM; its labels are model, segment, window.</summary>
    public static IEnumerable<Point> OfCusum(Tags window, ImmutableArray<Reading> readings) =>
        from reading in readings
        where reading.Measure == Measure.CusumLiveVsReference
        select new Point(reading.Threshold, [Basis(reading), .. window[..2], Severity(reading), window[2]]);

    /// <summary>The points of a window's policy KL; its labels are model, segment, window.</summary>
    public static IEnumerable<Point> OfPolicy(Tags window, ImmutableArray<Reading> readings) => readings.Select(reading =>
    {
        var (direction, estimator) = PolicyLabels.Of(reading.Measure);
        return new Point(
            reading.Threshold,
            [Basis(reading), new("direction", direction), new("estimator", estimator), .. window[..2], Severity(reading), window[2]]);
    });

    /// <summary>The points of a window's dispersion; its labels are model, segment, window.</summary>
    public static IEnumerable<Point> OfDispersion(Tags window, ImmutableArray<Reading> readings) =>
        from reading in readings
        select new Point(reading.Threshold, [Basis(reading), DirectionOf(reading.Measure), .. window[..2], Severity(reading), window[2]]);

    /// <summary>Whether the measure is of a rise of the mean entropy, or of a fall.</summary>
    public static KeyValuePair<string, object?> DirectionOf(Measure measure) =>
        new("direction", measure == Measure.EntropyFall ? "fall" : "rise");

    /// <summary>The points of a measure of a window's labels; its own labels are attribution, model, segment, window.</summary>
    public static IEnumerable<Point> OfLabels(Tags window, ImmutableArray<Reading> readings, Func<double, double> shown) => readings.Select(
        reading => new Point(shown(reading.Threshold), [window[0], Basis(reading), window[1], window[2], Severity(reading), window[3]]));

    /// <summary>Whether the threshold was worked out from a budget of false alarms.</summary>
    private static KeyValuePair<string, object?> Basis(Reading reading) => new("basis", reading.Budget is null ? "fixed" : "budget");

    private static KeyValuePair<string, object?> Severity(Reading reading) =>
        new("severity", reading.Severity == AlarmSeverity.Critical ? "critical" : "warning");
}
