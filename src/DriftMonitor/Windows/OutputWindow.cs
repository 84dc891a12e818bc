namespace DriftMonitor.Windows;

/// <summary>A sliding window over the outputs of a series.</summary>
/// <param name="spec">The window's length and slide.</param>
/// <param name="cells">How many cells each event is distributed over.</param>
/// <param name="trailing">Whether the window before this one is kept up.</param>
/// <param name="withSquares">Whether the sums of squares are kept up, too.</param>
internal sealed class OutputWindow(WindowSpec spec, int cells, bool trailing = false, bool withSquares = false)
    : SlidingWindow<PaneSums>(spec, trailing)
{
    private readonly WindowTotal _live = new(cells, withSquares);
    private readonly WindowTotal? _trailing = trailing ? new(cells, withSquares: true) : null;
    private PolicySums? _policy;

    public long Events => _live.Events;

    /// <summary>How sure the outputs were.</summary>
    public EntropySums Entropy => _live.Entropy;

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => cells;

    /// <summary>Whether only the cells that hold anything are kept, as <see cref="PaneSums"/> does.</summary>
    public bool IsSparse => _live.IsSparse;

    /// <summary>The cells that <see cref="Mass"/> is of, growing, when <see cref="IsSparse"/>; else none, and it is of all.</summary>
    public ReadOnlySpan<int> KeptCells => _live.KeptCells;

    /// <summary>Σ p of each cell, or of <see cref="KeptCells"/>, over the events covered, in units of <see cref="FixedPoint"/>.</summary>
    public ReadOnlySpan<UInt128> Mass => _live.Mass;

    /// <summary>Σ p² of the same cells, as it is now; null when it is not kept up.</summary>
    public UInt128[]? CopySquares() => withSquares ? _live.Squares.ToArray() : null;

    /// <summary>What the events covered say of two policies, as it is now; null when none does.</summary>
    public PolicySums? CopyPolicy() => _policy is { Events: > 0 } ? _policy.Copy() : null;

    /// <summary>The window before this one as it is now; null when it is not kept.</summary>
    /// <param name="complete">Whether every event of it can have been seen.</param>
    public OtherWindow? CopyTrailing(bool complete) => _trailing is { } total
        ? new OtherWindow(
            total.Events, total.Mass.ToArray(), total.Squares.ToArray(), complete, total.IsSparse ? total.KeptCells.ToArray() : null)
        : null;

    /// <summary>The window's panes as they are now; null where not every cell is kept, or before it was moved.</summary>
    public WindowPanes? CopyPanes()
    {
        if (ToMs is not { } to || IsSparse)
        {
            return null;
        }

        var panes = WindowPanes.Create(Spec, cells);
        for (var back = 1; back <= Spec.Panes; back++)
        {
            if (Find(to - (back * Spec.SlideMs)) is { } pane)
            {
                panes.Put(back, pane);
            }
        }

        return panes;
    }

    /// <summary>What its panes take of a <see cref="MemoryBudget"/>.</summary>
    public long Weight => Panes.Sum(pane => pane.Sums.Weight);

    /// <summary>How many events the panes hold that begin within [<paramref name="fromMs"/>, <paramref name="toMs"/>).</summary>
    public long EventsBetween(long fromMs, long toMs) =>
        Panes.Where(pane => pane.StartMs >= fromMs && pane.StartMs < toMs).Sum(pane => pane.Sums.AllEvents);

    protected override void Combine(WindowPart part, PaneSums pane, bool subtract)
    {
        if (part == WindowPart.Trailing)
        {
            _trailing?.Combine(pane, subtract);
        }
        else if (part == WindowPart.Live)
        {
            _live.Combine(pane, subtract);
            if (pane.Policy is { } policy)
            {
                (_policy ??= new PolicySums()).Combine(policy, subtract);
            }
        }
    }

    protected override void Clear()
    {
        _live.Clear();
        _trailing?.Clear();
        _policy = null;
    }
}
