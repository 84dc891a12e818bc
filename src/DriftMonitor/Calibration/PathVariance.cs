namespace DriftMonitor.Calibration;

/// <summary>The variance of the means over a window along a path.</summary>
internal static class PathVariance
{
    /// <summary>A window starts at every half unit: at whole ones alone, a window of few units would miss what lies between.</summary>
    private const double StartStep = 0.5;

    /// <summary>
    /// Σ variance/q over cells, without unit, of means over so many units; the path is a circle. A mean counts by the traffic at its
    /// middle, as a block counts by its events in <see cref="BetweenBlockVariance"/>.
    /// </summary>
    public static double Compute(double[] path, double[] traffic, ReadOnlySpan<double> shares, double windowUnits)
    {
        var units = path.Length / shares.Length;
        var cumulated = new double[(2 * units) + 1];
        var total = 0.0;
        for (var k = 0; k < shares.Length; k++)
        {
            if (shares[k] <= 0)
            {
                continue;
            }

            for (var u = 0; u < 2 * units; u++)
            {
                cumulated[u + 1] = cumulated[u] + path[(u % units * shares.Length) + k];
            }

            var (weights, squares) = (0.0, 0.0);
            for (var start = 0.0; start < units; start += StartStep)
            {
                var mean = (At(cumulated, start + windowUnits) - At(cumulated, start)) / windowUnits;
                var weight = traffic[(int)(start + (windowUnits / 2)) % units];
                weights += weight;
                squares += weight * mean * mean;
            }

            total += squares / weights / shares[k];
        }

        return total;
    }

    /// <summary>The cumulated sum at a place between units.</summary>
    private static double At(double[] cumulated, double at)
    {
        var below = Math.Min((int)at, cumulated.Length - 2);
        return cumulated[below] + ((at - below) * (cumulated[below + 1] - cumulated[below]));
    }
}
