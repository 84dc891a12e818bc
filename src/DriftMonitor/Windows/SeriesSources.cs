using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>The source partitions that a series' events come from.</summary>
internal sealed class SeriesSources
{
    private readonly Dictionary<int, long> _sinceMs = []; // the start of the first pane with events of each

    /// <summary>The source partitions, in growing order.</summary>
    public ImmutableArray<int> All { get; private set; } = [];

    /// <summary>How many there are with one more.</summary>
    public int CountWith(int source) => All.BinarySearch(source) >= 0 ? All.Length : All.Length + 1;

    /// <summary>Takes note of a pane with events of a source partition.</summary>
    public void Add(int source, long paneStartMs)
    {
        ref var sinceMs = ref CollectionsMarshal.GetValueRefOrAddDefault(_sinceMs, source, out var known);
        sinceMs = known ? Math.Min(sinceMs, paneStartMs) : paneStartMs;
        if (!known)
        {
            All = [.. _sinceMs.Keys.Order()];
        }
    }

    /// <summary>The source partitions that there were by a time: for a settled pane the same, whoever asks.</summary>
    public ImmutableArray<int> By(long endMs)
    {
        foreach (var sinceMs in _sinceMs.Values)
        {
            if (sinceMs >= endMs)
            {
                return [.. All.Where(source => _sinceMs[source] < endMs)];
            }
        }

        return All;
    }
}
