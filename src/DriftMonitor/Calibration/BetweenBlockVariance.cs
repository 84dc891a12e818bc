namespace DriftMonitor.Calibration;

/// <summary>Estimate of b: the variance of composition between blocks of a reference, beyond what sampling their events explains.</summary>
/// <remarks>
/// One-way analysis of variance with random effects, cell by cell. With N blocks of n_b events (m together), within-event variance w and
/// variance b between the blocks, the scatter A = Σ n_b (c_b − q)² has the mean (N − 1) w + b (m − Σn_b²/m), and an event's whole variance
/// is V = w + b. So b = (A − (N − 1) V) / (m − Σn_b²/m − N + 1). Negative estimates are set to 0 and the others scaled down so that Σ b/q
/// stays what it was. Source: S. R. Searle, G. Casella, C. E. McCulloch, <i>Variance Components</i>, 1992, ch. 3.
/// </remarks>
/// <param name="PerCell">b of each cell, none negative. Of no meaning where there are fewer than two blocks.</param>
/// <param name="Total">Σ b/q over the cells, without unit; may be negative.</param>
/// <param name="StandardError">The standard error of <paramref name="Total"/>, from the scatter of all blocks.</param>
/// <param name="Z">
/// <paramref name="Total"/> in standard errors, from the scatter without outliers: whether there is any variance between blocks.
/// </param>
internal sealed record BetweenBlockVariance(double[] PerCell, double Total, double StandardError, double Z)
{
    /// <summary>
    /// A block's scatter is cut off so many interquartile ranges above the third quartile, so that a few bursts stay significant; chosen.
    /// </summary>
    private const double OutlierRanges = 6;

    /// <summary>Estimates b.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="shares">q of each cell.</param>
    /// <param name="variances">V of each cell: of single events.</param>
    public static BetweenBlockVariance Estimate(BlockMatrix blocks, ReadOnlySpan<double> shares, ReadOnlySpan<double> variances)
    {
        var (n, m) = (blocks.Count, blocks.TotalEvents);
        var scatter = new double[blocks.Cells]; // A of each cell; becomes b below
        var distances = new double[n];
        for (var i = 0; i < n; i++)
        {
            var mass = blocks.Mass(i);
            var events = blocks.Events[i];
            for (var k = 0; k < mass.Length; k++)
            {
                if (shares[k] > 0)
                {
                    var difference = (mass[k] / events) - shares[k];
                    var term = events * difference * difference;
                    scatter[k] += term;
                    distances[i] += term / shares[k];
                }
            }
        }

        var weight = m - (TensorPrimitives.SumOfSquares<double>(blocks.Events) / m) - (n - 1);
        if (n < 2 || weight <= 0)
        {
            return new BetweenBlockVariance(scatter, 0, 0, 0);
        }

        double total = 0, positive = 0;
        for (var k = 0; k < scatter.Length; k++)
        {
            var between = (scatter[k] - ((n - 1) * variances[k])) / weight;
            total += shares[k] > 0 ? between / shares[k] : 0;
            scatter[k] = shares[k] > 0 ? Math.Max(0, between) : 0;
            positive += shares[k] > 0 ? scatter[k] / shares[k] : 0;
        }

        TensorPrimitives.Multiply(scatter, positive > 0 ? Math.Max(0, total) / positive : 0, scatter);
        var deviation = TensorPrimitives.StdDev<double>(distances);
        var z = total * weight / (Math.Sqrt(n) * Math.Max(DeviationWithoutOutliers(distances), double.Epsilon));
        return new BetweenBlockVariance(scatter, total, Math.Sqrt(n) * deviation / weight, z);
    }

    /// <summary>The standard deviation with outliers cut off, which would else hide themselves. Sorts and cuts its argument.</summary>
    private static double DeviationWithoutOutliers(double[] distances)
    {
        Array.Sort(distances);
        var (low, high) = (distances[distances.Length / 4], distances[distances.Length * 3 / 4]);
        TensorPrimitives.Min(distances, high + (OutlierRanges * (high - low)), distances);
        return TensorPrimitives.StdDev<double>(distances);
    }
}
