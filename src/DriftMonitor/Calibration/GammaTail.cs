using MathNet.Numerics;

namespace DriftMonitor.Calibration;

/// <summary>A shifted and scaled χ² distribution with given mean, variance and skewness: the scale on which tails are fitted.</summary>
/// <remarks>
/// A divergence near 0 is about a sum of squares, Σ λ_i χ²₁. χ²_ν with ν = 8/skewness², moved to its mean and variance, is close to that
/// far into the upper tail. Source: M. J. Buckley and G. K. Eagleson, An approximation to the distribution of quadratic forms in normal
/// random variables, <i>Australian Journal of Statistics</i> 30A, 1988; after P. Hall, 1983. For means, which are about normal, it is only
/// a scale with the right skewness.
/// </remarks>
internal readonly struct GammaTail
{
    /// <summary>The least skewness: below it χ²_ν is normal for all purposes.</summary>
    private const double LeastSkewness = 0.1;

    /// <summary>The most standard deviations above the mean at which a value is looked for: −ln P is far beyond any budget there.</summary>
    private const double MostDeviations = 1e4;

    /// <summary>Halvings of the interval that a value is looked for in: to the last bit of a double.</summary>
    private const int BisectionSteps = 60;

    private readonly double _mean;
    private readonly double _deviation;
    private readonly double _degrees;

    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation, above 0.</param>
    /// <param name="skewness">The skewness; a negative or small one is taken for a small one.</param>
    public GammaTail(double mean, double deviation, double skewness) =>
        (_mean, _deviation, _degrees) = (mean, deviation, 8 / Math.Pow(Math.Max(LeastSkewness, skewness), 2));

    private GammaTail(BinaryReader bytes)
    {
        _mean = CalibratedWindow.ReadFinite(bytes);
        _deviation = CalibratedWindow.ReadFinite(bytes);
        _degrees = CalibratedWindow.ReadFinite(bytes);
    }

    /// <summary>Writes its three numbers.</summary>
    public void WriteTo(BinaryWriter bytes)
    {
        bytes.Write(_mean);
        bytes.Write(_deviation);
        bytes.Write(_degrees);
    }

    /// <inheritdoc cref="CalibratedWindow.ReadFrom"/>
    public static GammaTail ReadFrom(BinaryReader bytes) => new(bytes);

    /// <summary>
    /// −ln of the probability to be above a value (its <em>place</em> on the scale): 0 at the lower end, larger further up.
    /// </summary>
    public double MinusLogSurvival(double value)
    {
        var x = _degrees + ((value - _mean) / _deviation * Math.Sqrt(2 * _degrees));
        return x <= 0 ? 0 : -Math.Log(Math.Max(double.Epsilon, SpecialFunctions.GammaUpperRegularized(_degrees / 2, x / 2)));
    }

    /// <summary>The value that is exceeded with a probability of e^(−<paramref name="minusLog"/>).</summary>
    public double Value(double minusLog)
    {
        var (low, high) = (_mean - (_deviation * Math.Sqrt(_degrees / 2)), _mean + _deviation);
        while (MinusLogSurvival(high) < minusLog && high < _mean + (MostDeviations * _deviation))
        {
            high = _mean + (2 * (high - _mean));
        }

        for (var i = 0; i < BisectionSteps; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = MinusLogSurvival(middle) < minusLog ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }
}
