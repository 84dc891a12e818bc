using System.Numerics.Tensors;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A sliding sum of panes, each as long as the slide and made of base panes.</summary>
/// <param name="panes">How many panes it is long.</param>
/// <param name="classes">K.</param>
/// <param name="slide">How many base panes a pane is made of.</param>
internal sealed class SimulatedWindow(int panes, int classes, int slide = 1)
{
    private double[] _masses = new double[panes * classes];
    private double[] _counts = new double[panes];
    private double[] _open = new double[classes];
    private double _openEvents;
    private long _seen;

    public double[] Mass { get; private set; } = new double[classes];

    public double Events { get; private set; }

    public bool Full => _seen >= (long)panes * slide;

    /// <summary>Takes the next base pane.</summary>
    /// <returns>Whether the window moved.</returns>
    public bool Add(double[] mass, double events)
    {
        TensorPrimitives.Add<double>(_open, mass, _open);
        _openEvents += events;
        if (++_seen % slide != 0)
        {
            return false;
        }

        var slot = (int)((_seen / slide) - 1) % panes;
        var old = _masses.AsSpan(slot * classes, classes);
        TensorPrimitives.Subtract(Mass, old, Mass);
        TensorPrimitives.Add<double>(Mass, _open, Mass);
        _open.CopyTo(old);
        Events += _openEvents - _counts[slot];
        _counts[slot] = _openEvents;
        Array.Clear(_open);
        _openEvents = 0;
        return true;
    }

    /// <summary>
    /// The events of a stretch, the oldest first, added up over so many panes; the first stretch is shorter when they do not divide.
    /// </summary>
    public void Stretch(int index, int panesInOne, double[] mass, out double events)
    {
        var stretches = (panes + panesInOne - 1) / panesInOne;
        var end = panes - ((stretches - 1 - index) * panesInOne);
        Array.Clear(mass);
        events = 0;
        for (var i = Math.Max(0, end - panesInOne); i < end; i++)
        {
            var slot = (int)(((_seen / slide) + i) % panes);
            TensorPrimitives.Add<double>(mass, _masses.AsSpan(slot * classes, classes), mass);
            events += _counts[slot];
        }
    }

    public SimulatedWindow Copy()
    {
        var copy = (SimulatedWindow)MemberwiseClone();
        (copy._masses, copy._counts, copy._open, copy.Mass) = ([.. _masses], [.. _counts], [.. _open], [.. Mass]);
        return copy;
    }
}
