namespace DriftMonitor.Calibration;

/// <summary>A reference's composition over time, unit by unit, as far as it exceeds sampling noise. Immutable.</summary>
/// <remarks>
/// <para>
/// A unit's deviation from q already contains the sampling noise of its own events. So it is shrunk by γ = √(b/(b + w/n)). n are the
/// reference's events in a window's time, not a unit's: the path is made for means over a window, and those contain the noise w/n. Then the
/// path is scaled so that means over a window vary by exactly the b between windows.
/// </para>
/// <para>
/// Fluctuations that last much longer than the window, such as a daily cycle, are averaged over a quarter of their time before they are
/// scaled, if that takes little of them away (<see cref="BlockModel"/> decides). Noise would make their crests higher than they are.
/// </para>
/// <para>
/// The path of a CUSUM's memory is neither shrunk nor scaled if it is not averaged. Shrinking acts on all units alike, so it would also
/// lower the bursts, and the level of a CUSUM has to lie above those.
/// </para>
/// </remarks>
/// <param name="Deviations">γ (c_u − q) of each unit and cell, times the unit's weight.</param>
/// <param name="Weights">A unit's traffic relative to that of the window around it: 1 on average.</param>
/// <param name="Traffic">The traffic of the window around a unit relative to that of all units: 1 on average.</param>
internal sealed record BlockPath(double[] Deviations, double[] Weights, double[] Traffic)
{
    /// <summary>The most by which a path is enlarged to vary by b; chosen.</summary>
    private const double LargestRescale = 2;

    /// <summary>Estimates the path.</summary>
    /// <param name="units">The reference's events by unit.</param>
    /// <param name="shares">q of each cell.</param>
    /// <param name="within">w of each cell, for this window's b.</param>
    /// <param name="between">b of each cell, between windows.</param>
    /// <param name="referenceEventsPerWindow">n: the reference's events in a window's time, not those of the live window.</param>
    /// <param name="windowUnits">The window's length in units, at least 1.</param>
    /// <param name="smoothingUnits">Over how many units to average, if that is more than a window; 1 for none.</param>
    /// <param name="observedFactor">
    /// What observed deviations are multiplied by, instead of shrinking and scaling; null to shrink and to scale. Ignored if averaged.
    /// </param>
    public static BlockPath FromUnits(
        BlockMatrix units, double[] shares, double[] within, double[] between, double referenceEventsPerWindow, double windowUnits,
        int smoothingUnits, double? observedFactor)
    {
        var path = new double[units.Count * units.Cells];
        var (weights, traffic) = (new double[units.Count], new double[units.Count]);
        var nearUnits = Math.Clamp((int)windowUnits, 1, units.Count);
        var averagedUnits = smoothingUnits > windowUnits ? smoothingUnits : 1;
        var fixedFactor = averagedUnits == 1 ? observedFactor : null;
        var noiseEvents = referenceEventsPerWindow * (averagedUnits > 1 ? averagedUnits / windowUnits : 1);
        for (var u = 0; u < units.Count; u++)
        {
            var nearEvents = 0.0; // of a unit on average, in the window around this one
            for (var i = 0; i < nearUnits; i++)
            {
                nearEvents += units.Events[(u + i + units.Count - (nearUnits / 2)) % units.Count] / nearUnits;
            }

            weights[u] = units.Events[u] / nearEvents;
            traffic[u] = nearEvents * (units.Count / units.TotalEvents);
            var mass = units.Mass(u);
            for (var k = 0; k < units.Cells; k++)
            {
                var factor = fixedFactor ?? (between[k] > 0 ? Math.Sqrt(between[k] / (between[k] + (within[k] / noiseEvents))) : 0);
                path[(u * units.Cells) + k] = factor * (mass[k] - (units.Events[u] * shares[k])) / nearEvents;
            }
        }

        if (averagedUnits > 1)
        {
            path = MovingAverage(path, units.Count, averagedUnits);
            for (var i = 0; i < path.Length; i++)
            {
                path[i] *= weights[i / units.Cells]; // the average is a deviation of the composition: a unit has it times its own weight
            }
        }

        if (fixedFactor is null
            && windowUnits < units.Count // else each mean is over the whole path: there is nothing to scale by
            && PathVariance.Compute(path, traffic, shares, windowUnits) is > 0 and var variance)
        {
            var wanted = between.Select((b, k) => shares[k] > 0 ? b / shares[k] : 0).Sum();
            TensorPrimitives.Multiply(path, Math.Min(LargestRescale, Math.Sqrt(wanted / variance)), path);
        }

        return new BlockPath(path, weights, traffic);
    }

    /// <summary>The path of a segment: each cell's deviations times a factor.</summary>
    public BlockPath Scale(double[] factors) =>
        this with { Deviations = [.. Deviations.Select((deviation, i) => deviation * factors[i % factors.Length])] };

    /// <summary>A path over other cells, which move together: each by so much where the last of these two moves by 1.</summary>
    public BlockPath Along(double[] direction) => this with
    {
        Deviations = [.. Weights.SelectMany((_, unit) => direction.Select(each => each * Deviations[(2 * unit) + 1]))],
    };

    /// <summary>The mean of so many units around each; the path is a circle.</summary>
    private static double[] MovingAverage(double[] path, int units, int length)
    {
        var (average, cells) = (new double[path.Length], path.Length / units);
        var sum = new double[cells];
        for (var u = 0; u < units + length; u++)
        {
            TensorPrimitives.Add(sum, path.AsSpan(u % units * cells, cells), sum);
            if (u >= length)
            {
                TensorPrimitives.Subtract(sum, path.AsSpan((u - length) % units * cells, cells), sum);
                TensorPrimitives.Divide(sum, length, average.AsSpan((u - (length / 2)) % units * cells, cells));
            }
        }

        return average;
    }
}
