namespace DriftMonitor.Windows;

/// <summary>A sliding window over the outputs of a series.</summary>
/// <param name="spec">The window's length and slide.</param>
/// <param name="cells">How many cells each event is distributed over.</param>
/// <param name="trailing">Whether the window before this one is kept up.</param>
/// <param name="totals">What the panes are added up to.</param>
internal sealed class OutputWindow(WindowSpec spec, int cells, bool trailing, WindowTotals totals)
    : SlidingWindow<PaneSums>(spec, totals, trailing)
{
    /// <summary>A window that covers nothing yet.</summary>
    public OutputWindow(WindowSpec spec, int cells, bool trailing = false)
        : this(spec, cells, trailing, new WindowTotals(cells, trailing))
    {
    }

    /// <summary>How many events the window covers.</summary>
    public long Events => totals.Live.Events;

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => cells;

    /// <summary>Whether only the cells that hold anything are kept, as <see cref="PaneSums"/> does.</summary>
    public bool IsSparse => totals.Live.IsSparse;

    /// <summary>The cells that <see cref="Mass"/> is of, growing, when <see cref="IsSparse"/>; else none, and it is of all.</summary>
    public ReadOnlySpan<int> KeptCells => totals.Live.KeptCells;

    /// <summary>Σ p of each cell, or of <see cref="KeptCells"/>, over the events covered, in units of <see cref="FixedPoint"/>.</summary>
    public ReadOnlySpan<UInt128> Mass => totals.Live.Mass;

    /// <summary>What the events covered say of two policies, as it is now; null when none ever did.</summary>
    public PolicySums? CopyPolicy() => totals.CopyPolicy();

    /// <summary>The window before this one as it is now; null when it is not kept.</summary>
    /// <param name="complete">Whether every event of it can have been seen.</param>
    public TrailingWindow? CopyTrailing(bool complete) => totals.CopyTrailing(complete);

    /// <summary>The window's panes as they are now; null where <see cref="WindowPanes.AreKept"/> says no, or before it was moved.</summary>
    public WindowPanes? CopyPanes()
    {
        if (ToMs is not { } to || !WindowPanes.AreKept(Spec, cells, Events))
        {
            return null;
        }

        var panes = WindowPanes.Create(Spec, cells);
        for (var back = 1; back <= Spec.Panes; back++)
        {
            if (Find(to - (back * Spec.SlideMs)) is { } pane)
            {
                panes.Add(Spec, back, pane);
            }
        }

        return panes;
    }

    /// <summary>How many events the panes hold that begin within [<paramref name="fromMs"/>, <paramref name="toMs"/>).</summary>
    public long EventsBetween(long fromMs, long toMs) =>
        Panes.Where(pane => pane.StartMs >= fromMs && pane.StartMs < toMs).Sum(pane => pane.Sums.AllEvents);
}
