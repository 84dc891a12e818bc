using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>The sliding sum of one series over one window, in panes of one slide, and over the window just before it.</summary>
/// <remarks>
/// Additions, replacements and evictions are integer sums, so a total is, bit for bit, the sum of the panes that it covers.
/// Panes ahead of the window wait for it; panes that it has left make up the trailing window, and those behind that are ignored.
/// Used by one thread.
/// </remarks>
/// <param name="spec">The window's length and slide.</param>
/// <param name="trailing">Whether the window before this one is kept up, which takes as many panes again.</param>
internal abstract class SlidingWindow<TSums>(WindowSpec spec, bool trailing)
    where TSums : class, ISums<TSums>
{
    private readonly Dictionary<long, (TSums Sums, long LatestEventMs)> _panes = [];
    private readonly long _reachMs = trailing ? 2 * spec.LengthMs : spec.LengthMs;

    /// <summary>The window's length and slide.</summary>
    public WindowSpec Spec => spec;

    /// <summary>The exclusive end of the event time covered, epoch milliseconds; null until the window is first moved.</summary>
    public long? ToMs { get; private set; }

    /// <summary>Adds events to the pane that holds a base pane's start.</summary>
    /// <param name="basePaneStartMs">The start of the base pane, or of a whole pane of the window.</param>
    /// <param name="sums">The events.</param>
    /// <param name="latestEventMs">The largest event time among them.</param>
    public void Add(long basePaneStartMs, TSums sums, long latestEventMs)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var start = spec.PaneStart(basePaneStartMs);
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

        Combine(part, sums, subtract: false);
    }

    /// <summary>Takes back events that were added to the pane that holds a base pane's start.</summary>
    public void Subtract(long basePaneStartMs, TSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var start = spec.PaneStart(basePaneStartMs);
        if (!_panes.TryGetValue(start, out var pane))
        {
            return; // evicted with its pane
        }

        pane.Sums.Subtract(sums);
        Combine(PartOf(start), sums, subtract: true);
    }

    /// <summary>Puts the whole value of a pane in place of the one before; for a window to which nothing is added.</summary>
    /// <param name="startMs">The pane's start.</param>
    /// <param name="sums">The value, which is the window's from now on.</param>
    public void Put(long startMs, TSums sums)
    {
        var part = PartOf(startMs);
        if (part == WindowPart.Behind)
        {
            return;
        }

        ref var pane = ref CollectionsMarshal.GetValueRefOrAddDefault(_panes, startMs, out var exists);
        if (exists)
        {
            Combine(part, pane.Sums, subtract: true);
            pane.Sums.Subtract(pane.Sums);
            pane.Sums.Add(sums); // in place: a young object in an old one is what costs most when garbage is collected
        }
        else
        {
            pane.Sums = sums;
        }

        Combine(part, sums, subtract: false);
    }

    /// <summary>Moves the window's end forward to the last multiple of the slide not after <paramref name="timeMs"/>; never back.</summary>
    /// <returns>Whether it moved.</returns>
    public bool MoveTo(long timeMs)
    {
        var to = spec.PaneStart(timeMs);
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
                Combine(WindowPart.Live, coming, subtract: false);
            }

            if (leaving.Sums is { } going)
            {
                Combine(WindowPart.Live, going, subtract: true);
                Combine(WindowPart.Trailing, going, subtract: false);
            }

            if (dropped.Sums is { } gone)
            {
                Combine(WindowPart.Trailing, gone, subtract: true);
            }
        }

        return true;
    }

    /// <summary>The panes that end in (<paramref name="afterMs"/>, <paramref name="upToMs"/>], to which nothing will be added.</summary>
    public IEnumerable<(long StartMs, TSums Sums, long LatestEventMs)> PanesThatEnd(long afterMs, long upToMs) => _panes
        .Where(pane => pane.Key + spec.SlideMs > afterMs && pane.Key + spec.SlideMs <= upToMs && !pane.Value.Sums.IsEmpty)
        .Select(pane => (pane.Key, pane.Value.Sums, pane.Value.LatestEventMs));

    /// <summary>Where the window begins that ends at the last multiple of the slide that is not after a time.</summary>
    internal long FromOf(long timeMs) => spec.PaneStart(timeMs) - spec.LengthMs;

    /// <summary>Forgets panes behind every window that ends at or after a time, for a window that has not been moved yet.</summary>
    public void ForgetBehind(long toMs)
    {
        if (ToMs is null)
        {
            foreach (var start in _panes.Keys.Where(start => start < spec.PaneStart(toMs) - _reachMs))
            {
                _panes.Remove(start);
            }
        }
    }

    /// <summary>Adds a pane to the total of the part that it lies in, or takes it back.</summary>
    protected abstract void Combine(WindowPart part, TSums pane, bool subtract);

    /// <summary>Empties every total.</summary>
    protected abstract void Clear();

    /// <summary>The panes, in no order.</summary>
    protected IEnumerable<(long StartMs, TSums Sums)> Panes => _panes.Select(pane => (pane.Key, pane.Value.Sums));

    /// <summary>The pane that begins at a time; null when nothing was added to it.</summary>
    protected TSums? Find(long startMs) => _panes.GetValueOrDefault(startMs).Sums;

    private void CoverAnew(long to)
    {
        ToMs = to;
        Clear();
        foreach (var (start, pane) in _panes)
        {
            var part = PartOf(start);
            Combine(part, pane.Sums, subtract: false);
            if (part == WindowPart.Behind)
            {
                _panes.Remove(start);
            }
        }

        _panes.TrimExcess();
    }

    /// <summary>The exclusive end of the pane that holds a time.</summary>
    public long PaneEnd(long timeMs) => spec.PaneStart(timeMs) + spec.SlideMs;

    private WindowPart PartOf(long start) => ToMs is not { } to || start >= to ? WindowPart.Ahead
        : start >= to - spec.LengthMs ? WindowPart.Live
        : start >= to - _reachMs ? WindowPart.Trailing
        : WindowPart.Behind;
}
