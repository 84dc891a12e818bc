namespace DriftMonitor.Alarms;

/// <summary>The sums of a window, pane by pane in the order of time. Immutable.</summary>
/// <param name="FromMs">The start of the first pane, epoch milliseconds.</param>
/// <param name="PaneMs">How long a pane is.</param>
/// <param name="Cells">How many cells the sums of a pane have.</param>
/// <param name="Sums">The cells of the first pane, then of the next; not to be changed.</param>
internal sealed record PaneRun(long FromMs, long PaneMs, int Cells, double[] Sums)
{
    /// <summary>How many panes there are.</summary>
    public int Panes => Sums.Length / Cells;

    /// <summary>The sums of a pane.</summary>
    public ReadOnlySpan<double> this[int pane] => Sums.AsSpan(pane * Cells, Cells);

    /// <summary>The start of a pane, epoch milliseconds.</summary>
    public long StartMs(int pane) => FromMs + (pane * PaneMs);
}
