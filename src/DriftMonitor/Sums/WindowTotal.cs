namespace DriftMonitor.Sums;

/// <summary>The sum of the panes of a stretch of event time, as panes enter and leave: 128-bit integers, so nothing overflows.</summary>
/// <param name="cells">Cells an event is spread over; of more than <see cref="PaneSums.MaxDenseCells"/> only filled ones are kept.</param>
/// <param name="withSquares">Whether the sums of squares are kept up, too.</param>
internal sealed class WindowTotal(int cells, bool withSquares)
{
    private readonly CellSums<UInt128> _sums = new(cells, withSquares ? 2 : 1);

    public long Events { get; private set; }

    /// <summary>How sure the outputs were.</summary>
    public EntropySums Entropy { get; private set; }

    public bool IsSparse => _sums.Sparse is not null;

    public ReadOnlySpan<int> KeptCells => _sums.KeptCells;

    public ReadOnlySpan<UInt128> Mass => _sums.Column(0);

    /// <summary>Σ p² of the same cells; only of a total that keeps squares.</summary>
    public ReadOnlySpan<UInt128> Squares => _sums.Column(1);

    /// <summary>Adds a pane, or takes it back.</summary>
    public void Combine(PaneSums pane, bool subtract)
    {
        Events += subtract ? -pane.Events : pane.Events;
        Entropy = subtract ? Entropy - pane.Entropy : Entropy + pane.Entropy;
        _sums.Combine(pane.Sums, subtract);
    }

    public void Clear()
    {
        Events = 0;
        Entropy = default;
        _sums.Clear();
    }
}
