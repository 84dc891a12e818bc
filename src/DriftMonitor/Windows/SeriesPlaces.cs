using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>The cap on series: one with outputs and labels takes one place.</summary>
internal sealed class SeriesPlaces(int max)
{
    private readonly Dictionary<SeriesKey, int> _holders = [];

    /// <summary>Takes a series' place for its outputs or its labels, unless all are taken.</summary>
    public bool TryTake(SeriesKey series)
    {
        if (_holders.Count >= max && !_holders.ContainsKey(series))
        {
            return false;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_holders, series, out _)++;
        return true;
    }

    /// <summary>Gives it back.</summary>
    public void Release(SeriesKey series)
    {
        if (--CollectionsMarshal.GetValueRefOrNullRef(_holders, series) == 0)
        {
            _holders.Remove(series);
        }
    }
}
