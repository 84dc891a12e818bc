namespace DriftMonitor.Benchmarks.Detection;

/// <summary>The Page–Hinkley test for a mean that grows, with river's defaults: a sum of deviations that fades, above λ.</summary>
/// <remarks>
/// Begins anew after a change. Source: E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954; river 0.1x,
/// <c>drift.PageHinkley</c>.
/// </remarks>
/// <param name="threshold">λ.</param>
internal sealed class PageHinkley(double threshold = 50) : IEventDetector
{
    private const int LeastEvents = 30;
    private const double Allowed = 0.005;
    private const double Kept = 0.9999;

    private long _seen;
    private double _mean;
    private double _sum;

    public bool Add(double value)
    {
        _seen++;
        _mean += (value - _mean) / _seen;
        _sum = Math.Max(0, (Kept * _sum) + value - _mean - Allowed);
        if (_seen < LeastEvents - 1 || _sum < threshold)
        {
            return false;
        }

        (_seen, _mean, _sum) = (0, 0, 0);
        return true;
    }

    public IEventDetector Copy() => (IEventDetector)MemberwiseClone();
}
