using System.Numerics.Tensors;
using DriftMonitor.Windows;

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

    /// <summary>The panes as the monitor's own windows bring them, the oldest first, once it is full.</summary>
    /// <param name="cells">How many cells a pane has there; those beyond the classes are empty.</param>
    public WindowPanes Panes(int cells)
    {
        var sums = new WindowPanes(new long[panes], new double[panes * cells]);
        for (var i = 0; i < panes; i++)
        {
            var slot = (int)(((_seen / slide) + i) % panes);
            sums.Events[i] = (long)_counts[slot];
            _masses.AsSpan(slot * classes, classes).CopyTo(sums.Mass.AsSpan(i * cells));
        }

        return sums;
    }

    public SimulatedWindow Copy()
    {
        var copy = (SimulatedWindow)MemberwiseClone();
        (copy._masses, copy._counts, copy._open, copy.Mass) = ([.. _masses], [.. _counts], [.. _open], [.. Mass]);
        return copy;
    }
}
