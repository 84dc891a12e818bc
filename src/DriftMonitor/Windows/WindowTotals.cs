namespace DriftMonitor.Windows;

/// <summary>The totals of a sliding window and of the window just before it, which change as panes enter and leave them.</summary>
/// <param name="cells">How many cells each event is distributed over.</param>
/// <param name="trailing">Whether the window before is kept.</param>
internal sealed class WindowTotals(int cells, bool trailing) : ITotals<PaneSums>
{
    private readonly WindowTotal? _trailing = trailing ? new(cells, withSquares: true) : null;
    private PolicySums? _policy;

    public WindowTotal Live { get; } = new(cells, withSquares: false);

    /// <summary>What the live events say of two policies, as it is now; null when none ever did.</summary>
    public PolicySums? CopyPolicy() => _policy?.Copy();

    /// <summary>The window before as it is now; null when it is not kept.</summary>
    public TrailingWindow? CopyTrailing(bool complete) => _trailing is { } total
        ? new TrailingWindow(
            total.Events, total.Mass.ToArray(), total.Squares.ToArray(), complete, total.IsSparse ? total.KeptCells.ToArray() : null)
        : null;

    /// <inheritdoc/>
    public void Combine(WindowPart part, PaneSums pane, bool subtract)
    {
        if (part == WindowPart.Trailing)
        {
            _trailing?.Combine(pane, subtract);
        }
        else if (part == WindowPart.Live)
        {
            Live.Combine(pane, subtract);
            if (pane.Policy is { } policy)
            {
                (_policy ??= new PolicySums()).Combine(policy, subtract);
            }
        }
    }

    /// <inheritdoc/>
    public void Clear()
    {
        Live.Clear();
        _trailing?.Clear();
        _policy = null;
    }
}
