using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>One-hot outputs in sessions: all events of one are of the same class. Their number is geometric.</summary>
/// <param name="random">Draws.</param>
/// <param name="shares">Those of the classes.</param>
/// <param name="sessions">How many begin in a pane on average.</param>
/// <param name="length">How many events one has on average.</param>
/// <param name="gapSeconds">How long one is from an event to its next on average; times are exponential.</param>
internal sealed class SessionStream(RandomSource random, double[] shares, double sessions, double length, double gapSeconds) : IPaneSource
{
    private const double PaneSeconds = SimulatedStream.PaneMs / 1000.0;

    private readonly List<(int Class, double NextSeconds)> _open = [];

    public int Next(double[] mass, double[] squares)
    {
        Array.Clear(mass);
        for (var begun = Poisson.Sample(random, sessions); begun > 0; begun--)
        {
            _open.Add((Categorical.Sample(random, shares), random.NextDouble() * PaneSeconds));
        }

        var count = 0;
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var (at, next) = _open[i];
            var isOver = false;
            for (; next < PaneSeconds && !isOver; next += Exponential.Sample(random, 1 / gapSeconds))
            {
                (mass[at], count) = (mass[at] + 1, count + 1);
                isOver = random.NextDouble() < 1 / length;
            }

            _open[i] = (at, next - PaneSeconds);
            if (isOver)
            {
                _open.RemoveAt(i);
            }
        }

        mass.CopyTo(squares, 0);
        return count;
    }
}
