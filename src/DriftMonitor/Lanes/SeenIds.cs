using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace DriftMonitor.Lanes;

/// <summary>The ids that one source partition has brought for panes that are open: a prediction with one of them is a duplicate.</summary>
/// <remarks>
/// Whoever re-reads must find the same duplicates. Those of the pane that an id came for before are found again, since a re-read begins
/// at or before the pane's first offset. One of another pane is found again only if that pane's ids are seen again, so the pane that it
/// would have counted in must be re-read from there on: <see cref="NeededFrom"/>. An id is kept as 64 bits of a hash, with the latest pane
/// that it came for: among a million the chance that a new one is taken for another is 5 × 10⁻¹⁴. Used by one thread.
/// </remarks>
/// <param name="plan">Says when panes close.</param>
/// <param name="memory">What the ids of all lanes may take. What finds no room is not remembered, so its duplicates count.</param>
internal sealed class SeenIds(WindowPlan plan, MemoryBudget memory)
{
    private const int LeastCapacity = 1_024;
    private const int CellsOfId = 2; // an entry of 24 bytes and its place in the table

    private readonly MemoryShare _share = new(memory);
    private readonly Dictionary<ulong, long> _latestPanes = [];
    private readonly List<IdPane> _panes = [];
    private int _capacity;
    private long _unchecked;

    /// <summary>How many ids are kept.</summary>
    public int Count => _latestPanes.Count;

    /// <summary>What an id and its model are kept as.</summary>
    public static ulong HashOf(PredictionRecord record) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(record.Id), record.Model.NameHash);

    /// <summary>
    /// Takes note of an id, and says whether it came before for a pane that is open at a clock. If so, says from which offset the pane that
    /// its record would count in must be re-read to find the same; null where that pane's own first will do.
    /// </summary>
    /// <param name="id">Of <see cref="HashOf"/>.</param>
    /// <param name="paneStartMs">The pane that its record would count in.</param>
    /// <param name="offset">The record's.</param>
    /// <param name="clockMs">The lane's clock, the record's own time included.</param>
    /// <param name="clockOffset">The record that had set the clock before it, −1 for none.</param>
    /// <param name="neededFrom">From where on the pane must be re-read.</param>
    public bool IsDuplicate(ulong id, long paneStartMs, long offset, long clockMs, long clockOffset, out long? neededFrom)
    {
        neededFrom = null;
        var pane = Of(paneStartMs);
        if (pane is null)
        {
            _panes.Add(pane = new IdPane(paneStartMs, clockOffset >= 0 ? Math.Min(offset, clockOffset) : offset));
        }

        if (_latestPanes.Count >= _capacity && !_latestPanes.ContainsKey(id) && !MakeRoom())
        {
            _unchecked++;
            return false;
        }

        ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_latestPanes, id, out var isKnown);
        var isDuplicate = isKnown && !Lateness.IsClosed(plan, latest, clockMs);
        if (isDuplicate && latest != paneStartMs)
        {
            neededFrom = Of(latest)!.FirstOffset;
            pane.NeededFrom = Math.Min(pane.NeededFrom, neededFrom.Value);
        }

        latest = isKnown ? Math.Max(latest, paneStartMs) : paneStartMs;
        return isDuplicate;
    }

    /// <summary>Takes back an id that was none before: its record counts nowhere.</summary>
    public void Remove(ulong id) => _latestPanes.Remove(id);

    /// <summary>The offset from which a pane must be re-read for its duplicates' sake; <see cref="long.MaxValue"/> for any.</summary>
    public long NeededFrom(long paneStartMs) => Of(paneStartMs)?.NeededFrom ?? long.MaxValue;

    /// <summary>The offset from which all open panes must be re-read for their ids' sake; <see cref="long.MaxValue"/> for any.</summary>
    public long SafeOffset()
    {
        var safe = long.MaxValue;
        foreach (var pane in _panes)
        {
            safe = Math.Min(safe, Math.Min(pane.FirstOffset, pane.NeededFrom));
        }

        return safe;
    }

    /// <summary>How many ids found no room since the last call.</summary>
    public long TakeUnchecked()
    {
        var taken = _unchecked;
        _unchecked = 0;
        return taken;
    }

    /// <summary>Forgets panes that end before a time, with the ids that came for no later one.</summary>
    public void Close(long closedBeforeMs)
    {
        if (_panes.RemoveAll(pane => pane.StartMs + plan.BasePaneMs < closedBeforeMs) == 0)
        {
            return;
        }

        foreach (var (id, paneStartMs) in _latestPanes)
        {
            if (paneStartMs + plan.BasePaneMs < closedBeforeMs)
            {
                _latestPanes.Remove(id); // allowed while enumerating since .NET Core 3.0
            }
        }

        if (_capacity > LeastCapacity && _latestPanes.Count < _capacity / 8)
        {
            _latestPanes.TrimExcess(_capacity /= 4); // a burst is over: others need the memory
            _share.Fit((long)_capacity * CellsOfId);
        }
    }

    /// <summary>Forgets all: offsets begin anew, or the lane ends.</summary>
    public void Clear()
    {
        _panes.Clear();
        _latestPanes.Clear();
        _latestPanes.TrimExcess();
        _capacity = 0;
        _share.Fit(0);
    }

    private IdPane? Of(long startMs)
    {
        for (var i = _panes.Count - 1; i >= 0; i--)
        {
            if (_panes[i].StartMs == startMs)
            {
                return _panes[i];
            }
        }

        return null;
    }

    private bool MakeRoom()
    {
        var larger = Math.Max(LeastCapacity, 2 * _capacity);
        if (!_share.TryCover((long)larger * CellsOfId))
        {
            return false;
        }

        _latestPanes.EnsureCapacity(_capacity = larger);
        return true;
    }

    /// <summary>The ids of all panes that begin at one time.</summary>
    private sealed class IdPane(long startMs, long firstOffset)
    {
        public long StartMs => startMs;

        /// <summary>From where on its ids, and the clock that they came at, can be seen again.</summary>
        public long FirstOffset => firstOffset;

        /// <summary>From where on those of other panes must be seen that its duplicates were found by.</summary>
        public long NeededFrom { get; set; } = long.MaxValue;
    }
}
