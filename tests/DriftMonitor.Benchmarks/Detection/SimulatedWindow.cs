using System.Numerics.Tensors;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A sliding sum of base panes.</summary>
internal sealed class SimulatedWindow(int panes, int classes)
{
    private readonly double[] _masses = new double[panes * classes];
    private readonly double[] _counts = new double[panes];
    private long _seen;

    public double[] Mass { get; } = new double[classes];

    public double Events { get; private set; }

    public bool Full => _seen >= panes;

    public void Add(double[] mass, double events)
    {
        var slot = (int)(_seen++ % panes);
        var old = _masses.AsSpan(slot * classes, classes);
        TensorPrimitives.Subtract(Mass, old, Mass);
        TensorPrimitives.Add<double>(Mass, mass, Mass);
        mass.CopyTo(old);
        Events += events - _counts[slot];
        _counts[slot] = events;
    }

    public void Clear()
    {
        Array.Clear(_masses);
        Array.Clear(_counts);
        Array.Clear(Mass);
        (_seen, Events) = (0, 0);
    }
}
