using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Values of single events, as of labels or of two policies: a pane has the sum of each.</summary>
/// <param name="random">Draws.</param>
/// <param name="events">How many events a pane has on average.</param>
/// <param name="draw">Draws the values of an event of a pane.</param>
internal sealed class ValueStream(RandomSource random, double events, Action<long, double[]> draw) : IPaneSource
{
    private long _panes;
    private double[] _values = [];

    /// <summary>Called with each value, and which of an event's it is.</summary>
    public Action<int, double>? OnValue { get; set; }

    public int Next(double[] mass, double[] squares)
    {
        Array.Clear(mass);
        _values = _values.Length == mass.Length ? _values : new double[mass.Length];
        var count = Poisson.Sample(random, events);
        for (var i = 0; i < count; i++)
        {
            draw(_panes, _values);
            for (var value = 0; value < mass.Length; value++)
            {
                mass[value] += _values[value];
                OnValue?.Invoke(value, _values[value]);
            }
        }

        _panes++;
        return count;
    }
}
