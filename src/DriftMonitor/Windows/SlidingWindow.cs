using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>The sliding sum of one series over one window, in panes of one slide, and over the window just before it.</summary>
/// <remarks>
/// Additions, replacements and evictions are integer sums, so a total is, bit for bit, the sum of the panes that it covers.
/// Panes ahead of the window wait for it; panes that it has left make up the trailing window, and those behind that are ignored.
/// Used by one thread.
/// </remarks>
/// <param name="spec">The window's length and slide.</param>
/// <param name="cells">How many cells each event is distributed over.</param>
/// <param name="trailing">Whether the window before this one is kept up, which takes as many panes again.</param>
internal sealed class SlidingWindow(WindowSpec spec, int cells, bool trailing = false)
{
    private readonly Dictionary<long, (PaneSums Sums, long LatestEventMs)> _panes = [];
    private readonly WindowTotals _totals = new(cells, trailing);
    private readonly long _reachMs = trailing ? 2 * spec.LengthMs : spec.LengthMs;

    /// <summary>The window's length and slide.</summary>
    public WindowSpec Spec => spec;

    /// <summary>The exclusive end of the event time covered, epoch milliseconds; null until the window is first moved.</summary>
    public long? ToMs { get; private set; }

    /// <summary>How many events the window covers.</summary>
    public long Events => _totals.Live.Events;

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => cells;

    /// <summary>Whether only the cells that hold anything are kept, as <see cref="PaneSums"/> does.</summary>
    public bool IsSparse => _totals.Live.IsSparse;

    /// <summary>The cells that <see cref="Mass"/> is of, growing, when <see cref="IsSparse"/>; else none, and it is of all.</summary>
    public ReadOnlySpan<int> KeptCells => _totals.Live.KeptCells;

    /// <summary>Σ p of each cell, or of <see cref="KeptCells"/>, over the events covered, in units of <see cref="FixedPoint"/>.</summary>
    public ReadOnlySpan<UInt128> Mass => _totals.Live.Mass;

    /// <summary>What the events covered say of two policies, as it is now; null when none ever did.</summary>
    public PolicySums? CopyPolicy() => _totals.CopyPolicy();

    /// <summary>The window before this one as it is now; null when it is not kept.</summary>
    /// <param name="complete">Whether every event of it can have been seen.</param>
    public TrailingWindow? CopyTrailing(bool complete) => _totals.CopyTrailing(complete);

    /// <summary>The window's panes as they are now; null where <see cref="WindowPanes.AreKept"/> says no, or before it was moved.</summary>
    public WindowPanes? CopyPanes()
    {
        if (ToMs is not { } to || !WindowPanes.AreKept(spec, cells, Events))
        {
            return null;
        }

        var panes = WindowPanes.Create(spec, cells);
        for (var back = 1; back <= spec.Panes; back++)
        {
            if (_panes.TryGetValue(to - (back * spec.SlideMs), out var pane))
            {
                panes.Add(spec, back, pane.Sums);
            }
        }

        return panes;
    }

    /// <summary>Adds events to the pane that holds a base pane's start.</summary>
    /// <param name="basePaneStartMs">The start of the base pane, or of a whole pane of the window.</param>
    /// <param name="sums">The events.</param>
    /// <param name="latestEventMs">The largest event time among them.</param>
    public void Add(long basePaneStartMs, PaneSums sums, long latestEventMs)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var start = StartOf(basePaneStartMs);
        var part = PartOf(start);
        if (part == WindowPart.Behind)
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

        _totals.Combine(part, sums, subtract: false);
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
        _totals.Combine(PartOf(start), sums, subtract: true);
    }

    /// <summary>Moves the window's end forward to the last multiple of the slide not after <paramref name="timeMs"/>; never back.</summary>
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
            // Looked up before any is summed: none is in the caches, and so the processor waits for all of them at once.
            _panes.TryGetValue(end, out var entering);
            _panes.TryGetValue(end - spec.LengthMs, out var leaving);
            _panes.Remove(end - _reachMs, out var dropped);
            if (entering.Sums is { } coming)
            {
                _totals.Combine(WindowPart.Live, coming, subtract: false);
            }

            if (leaving.Sums is { } going)
            {
                _totals.Combine(WindowPart.Live, going, subtract: true);
                _totals.Combine(WindowPart.Trailing, going, subtract: false);
            }

            if (dropped.Sums is { } gone)
            {
                _totals.Combine(WindowPart.Trailing, gone, subtract: true);
            }
        }

        return true;
    }

    /// <summary>The panes that end in (<paramref name="afterMs"/>, <paramref name="upToMs"/>], to which nothing will be added.</summary>
    public IEnumerable<(long StartMs, PaneSums Sums, long LatestEventMs)> PanesThatEnd(long afterMs, long upToMs) => _panes
        .Where(pane => pane.Key + spec.SlideMs > afterMs && pane.Key + spec.SlideMs <= upToMs && !pane.Value.Sums.IsEmpty)
        .Select(pane => (pane.Key, pane.Value.Sums, pane.Value.LatestEventMs));

    /// <summary>How many events the panes hold that begin within [<paramref name="fromMs"/>, <paramref name="toMs"/>).</summary>
    internal long EventsBetween(long fromMs, long toMs) =>
        _panes.Where(pane => pane.Key >= fromMs && pane.Key < toMs).Sum(pane => pane.Value.Sums.AllEvents);

    /// <summary>Where the window begins that ends at the last multiple of the slide that is not after a time.</summary>
    internal long FromOf(long timeMs) => StartOf(timeMs) - spec.LengthMs;

    /// <summary>Forgets panes behind every window that ends at or after a time, for a window that has not been moved yet.</summary>
    public void ForgetBehind(long toMs)
    {
        if (ToMs is null)
        {
            foreach (var start in _panes.Keys.Where(start => start < StartOf(toMs) - _reachMs))
            {
                _panes.Remove(start);
            }
        }
    }

    private void CoverAnew(long to)
    {
        ToMs = to;
        _totals.Clear();
        foreach (var (start, pane) in _panes)
        {
            var part = PartOf(start);
            _totals.Combine(part, pane.Sums, subtract: false);
            if (part == WindowPart.Behind)
            {
                _panes.Remove(start);
            }
        }

        _panes.TrimExcess();
    }

    /// <summary>The exclusive end of the pane that holds a time.</summary>
    public long PaneEnd(long timeMs) => StartOf(timeMs) + spec.SlideMs;

    private long StartOf(long timeMs) => timeMs - (((timeMs % spec.SlideMs) + spec.SlideMs) % spec.SlideMs);

    private WindowPart PartOf(long start) => ToMs is not { } to || start >= to ? WindowPart.Ahead
        : start >= to - spec.LengthMs ? WindowPart.Live
        : start >= to - _reachMs ? WindowPart.Trailing
        : WindowPart.Behind;
}
