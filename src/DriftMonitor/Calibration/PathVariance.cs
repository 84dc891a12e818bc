namespace DriftMonitor.Calibration;

/// <summary>How much the means over windows vary along a path of units, all starts of a window taken alike.</summary>
internal static class PathVariance
{
    /// <summary>Σ variance/q over cells of means over so many units, at whole and half starts, cyclic; by traffic as for blocks.</summary>
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
            for (var start = 0.0; start < units; start += 0.5)
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

    private static double At(double[] cumulated, double at)
    {
        var below = Math.Min((int)at, cumulated.Length - 2);
        return cumulated[below] + ((at - below) * (cumulated[below + 1] - cumulated[below]));
    }
}
