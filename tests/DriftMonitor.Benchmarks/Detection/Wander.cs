using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A value that wanders about 0, a step a pane.</summary>
/// <param name="random">Draws.</param>
/// <param name="deviation">Its standard deviation.</param>
/// <param name="seconds">Its time constant.</param>
internal sealed class Wander(RandomSource random, double deviation, double seconds)
{
    private readonly double _keep = Math.Exp(-SimulatedStream.PaneMs / (1_000 * seconds));
    private long _pane = -1;
    private double _value;

    /// <summary>That of a pane: the same until the next.</summary>
    public double At(long pane)
    {
        if (pane != _pane)
        {
            (_pane, _value) = (pane, (_keep * _value) + (Math.Sqrt(1 - (_keep * _keep)) * Normal.Sample(random, 0, deviation)));
        }

        return _value;
    }
}
