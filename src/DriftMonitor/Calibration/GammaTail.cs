using MathNet.Numerics;

namespace DriftMonitor.Calibration;

/// <summary>The upper tail of a sum of squares, by its first three moments: a shifted and scaled χ² distribution.</summary>
/// <remarks>
/// A divergence near 0 is about Σ λ_i χ²₁, and χ²_ν with ν = 8/skewness², standardised to its mean and variance, is close to that far into
/// the tail. Source: M. J. Buckley and G. K. Eagleson, An approximation to the distribution of quadratic forms in normal random variables,
/// <i>Australian Journal of Statistics</i> 30A, 1988; after P. Hall, 1983.
/// </remarks>
internal readonly struct GammaTail
{
    private const double LeastSkewness = 0.1; // below it χ²_ν is normal for all purposes

    private readonly double _mean;
    private readonly double _deviation;
    private readonly double _degrees;

    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation, above 0.</param>
    /// <param name="skewness">The skewness; a negative or small one is taken for a small one.</param>
    public GammaTail(double mean, double deviation, double skewness) =>
        (_mean, _deviation, _degrees) = (mean, deviation, 8 / Math.Pow(Math.Max(LeastSkewness, skewness), 2));

    private GammaTail(BinaryReader bytes) =>
        (_mean, _deviation, _degrees) = (CalibratedWindow.ReadFinite(bytes), CalibratedWindow.ReadFinite(bytes), CalibratedWindow.ReadFinite(bytes));

    /// <summary>Writes all that it is.</summary>
    public void WriteTo(BinaryWriter bytes)
    {
        bytes.Write(_mean);
        bytes.Write(_deviation);
        bytes.Write(_degrees);
    }

    /// <inheritdoc cref="CalibratedWindow.ReadFrom"/>
    public static GammaTail ReadFrom(BinaryReader bytes) => new(bytes);

    /// <summary>−ln of the probability to be above a value: 0 at the lower end of the distribution.</summary>
    public double MinusLogSurvival(double value)
    {
        var x = _degrees + ((value - _mean) / _deviation * Math.Sqrt(2 * _degrees));
        return x <= 0 ? 0 : -Math.Log(Math.Max(double.Epsilon, SpecialFunctions.GammaUpperRegularized(_degrees / 2, x / 2)));
    }

    /// <summary>The value that is exceeded with a probability of e^(−<paramref name="minusLog"/>).</summary>
    public double Value(double minusLog)
    {
        var (low, high) = (_mean - (_deviation * Math.Sqrt(_degrees / 2)), _mean + _deviation);
        while (MinusLogSurvival(high) < minusLog && high < _mean + (1e4 * _deviation))
        {
            high = _mean + (2 * (high - _mean));
        }

        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = MinusLogSurvival(middle) < minusLog ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }
}
