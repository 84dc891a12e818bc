using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>The sliding sum of one series over one window, in panes of one slide.</summary>
/// <remarks>
/// Additions, replacements and evictions are integer sums, so the total is, bit for bit, the sum of the panes that the window covers.
/// Panes ahead of the window wait for it; panes behind it are ignored. Totals are 128 bits wide: no window can overflow.
/// Used by one thread.
/// </remarks>
public sealed class SlidingWindow(WindowSpec spec, int cells)
{
    private readonly Dictionary<long, (PaneSums Sums, long LatestEventMs)> _panes = [];
    private readonly UInt128[] _mass = cells > PaneSums.MaxDenseCells ? [] : new UInt128[cells];
    private readonly SparseCells<UInt128>? _sparse = cells > PaneSums.MaxDenseCells ? new SparseCells<UInt128>(columns: 1) : null;
    private PolicySums? _policy;

    /// <summary>The window's length and slide.</summary>
    public WindowSpec Spec => spec;

    /// <summary>The exclusive end of the event time covered, epoch milliseconds; null until the window is first moved.</summary>
    public long? ToMs { get; private set; }

    /// <summary>How many events the window covers.</summary>
    public long Events { get; private set; }

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => cells;

    /// <summary>Whether only the cells that hold anything are kept, as <see cref="PaneSums"/> does.</summary>
    public bool IsSparse => _sparse is not null;

    /// <summary>The cells that <see cref="Mass"/> is of, growing, when <see cref="IsSparse"/>; else none, and it is of all.</summary>
    public ReadOnlySpan<int> KeptCells => _sparse is { } sparse ? sparse.Cells : [];

    /// <summary>Σ p of each cell, or of each of <see cref="KeptCells"/>, over the events covered, in units of <see cref="FixedPoint"/>.</summary>
    public ReadOnlySpan<UInt128> Mass => _sparse is { } sparse ? sparse.Column(0) : _mass;

    /// <summary>What the events covered say of two policies, as it is now; null when none ever did.</summary>
    public PolicySums? CopyPolicy() => _policy?.Copy();

    /// <summary>Adds events to the pane that holds a base pane's start.</summary>
    /// <param name="basePaneStartMs">The start of the base pane, or of a whole pane of the window.</param>
    /// <param name="sums">The events.</param>
    /// <param name="latestEventMs">The largest event time among them.</param>
    public void Add(long basePaneStartMs, PaneSums sums, long latestEventMs)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var start = StartOf(basePaneStartMs);
        if (IsBehind(start))
        {
            return;
        }

        ref var pane = ref CollectionsMarshal.GetValueRefOrAddDefault(_panes, start, out var exists);
        if (exists)
        {
            pane.Sums.Add(sums);
            pane.LatestEventMs = Math.Max(pane.LatestEventMs, latestEventMs);
        }
        else
        {
            pane = (sums.Copy(), latestEventMs);
        }

        if (IsCovered(start))
        {
            Include(sums);
        }
    }

    /// <summary>Takes back events that were added to the pane that holds a base pane's start.</summary>
    public void Subtract(long basePaneStartMs, PaneSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var start = StartOf(basePaneStartMs);
        if (!_panes.TryGetValue(start, out var pane))
        {
            return; // evicted with its pane
        }

        pane.Sums.Subtract(sums);
        if (IsCovered(start))
        {
            Exclude(sums);
        }
    }

    /// <summary>Moves the window's end forward to the last multiple of the slide that is not after <paramref name="timeMs"/>; never back.</summary>
    /// <returns>Whether it moved.</returns>
    public bool MoveTo(long timeMs)
    {
        var to = StartOf(timeMs);
        if (ToMs is { } current && to <= current)
        {
            return false;
        }

        if (ToMs is not { } from || to - from >= spec.LengthMs)
        {
            CoverAnew(to);
            return true;
        }

        ToMs = to;
        for (var end = from; end < to; end += spec.SlideMs)
        {
            if (_panes.TryGetValue(end, out var entering))
            {
                Include(entering.Sums);
            }

            if (_panes.Remove(end - spec.LengthMs, out var leaving))
            {
                Exclude(leaving.Sums);
            }
        }

        return true;
    }

    /// <summary>The panes that end within (<paramref name="afterMs"/>, <paramref name="upToMs"/>], which nothing will be added to any more.</summary>
    public IEnumerable<(long StartMs, PaneSums Sums, long LatestEventMs)> PanesThatEnd(long afterMs, long upToMs) => _panes
        .Where(pane => pane.Key + spec.SlideMs > afterMs && pane.Key + spec.SlideMs <= upToMs && !pane.Value.Sums.IsEmpty)
        .Select(pane => (pane.Key, pane.Value.Sums, pane.Value.LatestEventMs));

    /// <summary>Forgets panes that lie behind every window that ends at or after a time, for a window that has not been moved yet.</summary>
    public void ForgetBehind(long toMs)
    {
        if (ToMs is null)
        {
            foreach (var start in _panes.Keys)
            {
                if (start < StartOf(toMs) - spec.LengthMs)
                {
                    _panes.Remove(start);
                }
            }
        }
    }

    /// <summary>The sum of squares of every cell, kept or not, over the events covered: wanted rarely, so summed when asked for.</summary>
    public UInt128[] SumSquares()
    {
        var squares = new UInt128[cells];
        foreach (var (start, pane) in _panes)
        {
            var (kept, of) = (pane.Sums.KeptCells.ToArray(), pane.Sums.Squares.ToArray());
            for (var i = 0; IsCovered(start) && i < of.Length; i++)
            {
                squares[pane.Sums.IsSparse ? kept[i] : i] += of[i];
            }
        }

        return squares;
    }

    private void CoverAnew(long to)
    {
        ToMs = to;
        Events = 0;
        Array.Clear(_mass);
        _sparse?.Clear();
        _policy = null;
        foreach (var (start, pane) in _panes)
        {
            if (IsBehind(start))
            {
                _panes.Remove(start);
            }
            else if (IsCovered(start))
            {
                Include(pane.Sums);
            }
        }

        _panes.TrimExcess();
    }

    /// <summary>The exclusive end of the pane that holds a time.</summary>
    public long PaneEnd(long timeMs) => StartOf(timeMs) + spec.SlideMs;

    private long StartOf(long timeMs) => timeMs - (((timeMs % spec.SlideMs) + spec.SlideMs) % spec.SlideMs);

    private bool IsBehind(long start) => ToMs is { } to && start < to - spec.LengthMs;

    private bool IsCovered(long start) => ToMs is { } to && start >= to - spec.LengthMs && start < to;

    private void Include(PaneSums sums)
    {
        Events += sums.Events;
        _sparse?.Combine(sums.KeptCells, sums.Mass, [], subtract: false);
        var from = sums.Mass;
        for (var k = 0; k < _mass.Length; k++)
        {
            _mass[k] += from[k];
        }

        if (sums.Policy is { } policy)
        {
            (_policy ??= new PolicySums()).Add(policy);
        }
    }

    private void Exclude(PaneSums sums)
    {
        Events -= sums.Events;
        _sparse?.Combine(sums.KeptCells, sums.Mass, [], subtract: true);
        var from = sums.Mass;
        for (var k = 0; k < _mass.Length; k++)
        {
            _mass[k] -= from[k];
        }

        if (sums.Policy is { } policy)
        {
            (_policy ??= new PolicySums()).Subtract(policy);
        }
    }
}
