namespace DriftMonitor.Calibration;

/// <summary>How a reference's composition goes from unit to unit of its time, as far as that exceeds sampling noise. Immutable.</summary>
/// <remarks>
/// A unit's deviation from q already contains the sampling noise of its own events. So it is shrunk by γ = √(b/(b + w/n)), n the events of
/// a window, and then scaled so that the means over a window vary by just the b between windows. Fluctuations that last much longer than
/// the window, such as a daily cycle's, are first averagedUnits over a quarter of their time, where that takes little of them away: noise would
/// make their crests higher than they are. The path of what a CUSUM remembers is else left as it was observed: to shrink all of it would
/// lower the bursts that its level has to lie above.
/// </remarks>
/// <param name="Deviations">γ (c_u − q), weighted by the unit's share of the traffic about it, of each unit and cell.</param>
/// <param name="Weights">How much of the traffic of a window about it a unit has: 1 on average.</param>
/// <param name="Traffic">How much of all traffic the window about a unit has: 1 on average.</param>
internal sealed record BlockPath(double[] Deviations, double[] Weights, double[] Traffic)
{
    private const double LargestRescale = 2;

    /// <param name="units">The reference's events by unit.</param>
    /// <param name="shares">q.</param>
    /// <param name="within">w.</param>
    /// <param name="between">b, between windows.</param>
    /// <param name="referenceEventsPerWindow">n.</param>
    /// <param name="windowUnits">How many units a window is long, at least 1.</param>
    /// <param name="smoothingUnits">How many units a quarter of the fluctuations' time is.</param>
    /// <param name="observedFactor">How many times its observed size it is to have, unless averagedUnits; null to shrink and to scale it.</param>
    public static BlockPath FromUnits(
        BlockMatrix units, double[] shares, double[] within, double[] between, double referenceEventsPerWindow, double windowUnits, int smoothingUnits,
        double? observedFactor)
    {
        var path = new double[units.Count * units.Cells];
        var (weights, traffic) = (new double[units.Count], new double[units.Count]);
        var nearUnits = Math.Clamp((int)windowUnits, 1, units.Count);
        var averagedUnits = smoothingUnits > windowUnits ? smoothingUnits : 1;
        observedFactor = averagedUnits == 1 ? observedFactor : null;
        var noiseEvents = referenceEventsPerWindow * (averagedUnits > 1 ? averagedUnits / windowUnits : 1);
        for (var u = 0; u < units.Count; u++)
        {
            for (var i = 0; i < nearUnits; i++)
            {
                traffic[u] += units.Events[(u + i + units.Count - (nearUnits / 2)) % units.Count] / nearUnits;
            }

            weights[u] = units.Events[u] / traffic[u];
            var mass = units.Mass(u);
            for (var k = 0; k < units.Cells; k++)
            {
                var shrink = observedFactor ?? (between[k] > 0 ? Math.Sqrt(between[k] / (between[k] + (within[k] / noiseEvents))) : 0);
                path[(u * units.Cells) + k] = shrink * (mass[k] - (units.Events[u] * shares[k])) / traffic[u];
            }

            traffic[u] *= units.Count / units.TotalEvents;
        }

        if (averagedUnits > 1)
        {
            path = MovingAverage(path, units.Count, averagedUnits);
            for (var i = 0; i < path.Length; i++)
            {
                path[i] *= weights[i / units.Cells]; // each unit deviates by what the average does, with its own part of the traffic
            }
        }

        if (observedFactor is null
            && windowUnits < units.Count
            && PathVariance.Compute(path, traffic, shares, windowUnits) is > 0 and var variance)
        {
            var wanted = between.Select((b, k) => shares[k] > 0 ? b / shares[k] : 0).Sum();
            TensorPrimitives.Multiply(path, Math.Min(LargestRescale, Math.Sqrt(wanted / variance)), path);
        }

        return new BlockPath(path, weights, traffic);
    }

    /// <summary>The path of a part of the traffic, each cell's deviations so many times as large.</summary>
    public BlockPath Scale(double[] factors) =>
        this with { Deviations = [.. Deviations.Select((deviation, i) => deviation * factors[i % factors.Length])] };

    /// <summary>The mean of so many units about each, round the end.</summary>
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
