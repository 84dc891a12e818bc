namespace DriftMonitor.Calibration;

/// <summary>Values beyond the largest that a reference shows: its highest few are taken to be of a Pareto tail.</summary>
/// <remarks>
/// Rare alarms come of values that a reference is too short to have shown. So the highest fifty are replaced by what follows from them: of
/// those above u, P(X &gt; x) = (x/u)^(−1/ξ), with ξ the mean of ln(x/u) (B. M. Hill, <i>A Simple General Approach to Inference About the
/// Tail of a Distribution</i>, 1975). A tail that is bounded, or falls as that of a normal or exponential value, has a small ξ, and hardly
/// changes.
/// </remarks>
internal static class ValueTail
{
    /// <summary>How many of the highest values are the tail; chosen: their ξ is known to a seventh.</summary>
    private const double TailEvents = 50;

    /// <summary>How many times as many values there are at least, so that the tail is no more than a twentieth; chosen.</summary>
    private const double LeastTimesAsMany = 20;

    /// <summary>The width of the tail's bins, in −ln P; chosen.</summary>
    private const double BinWidth = 0.5;

    /// <summary>How far beyond the largest value the tail goes, in −ln P: to one value in e¹⁰ references' worth; chosen.</summary>
    private const double Beyond = 10;

    /// <summary>The bins with the tail in the place of the highest.</summary>
    /// <param name="values">The value of each bin.</param>
    /// <param name="shares">Its share.</param>
    /// <param name="events">How many values there are.</param>
    public static (double[] Values, double[] Shares) Of(double[] values, double[] shares, double events)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(bin => values[bin]).ToArray();
        var (start, above) = (order.Length, 0.0);
        while (start > 0 && above + shares[order[start - 1]] <= TailEvents / events)
        {
            above += shares[order[--start]];
        }

        if (events < LeastTimesAsMany * TailEvents || start == 0 || above <= 0 || values[order[start - 1]] <= 0)
        {
            return (values, shares);
        }

        var least = values[order[start - 1]];
        var index = order[start..].Sum(bin => shares[bin] * Math.Log(values[bin] / least)) / above;
        var (tailValues, tailShares) = (new List<double>(), new List<double>());
        for (var from = 0.0; from < Math.Log(TailEvents) + Beyond; from += BinWidth)
        {
            tailShares.Add(above * (Math.Exp(-from) - Math.Exp(-from - BinWidth)));
            tailValues.Add(least * Math.Exp(index * (from + (BinWidth / 2))));
        }

        return (
            [.. order[..start].Select(bin => values[bin]), .. tailValues],
            [.. order[..start].Select(bin => shares[bin]), .. tailShares]);
    }
}
