namespace DriftMonitor.Sums;

/// <summary>The sum of the panes of a stretch of event time, kept as panes enter and leave it: integers, 128 bits wide, so nothing overflows.</summary>
/// <param name="cells">How many cells each event is distributed over; of more than <see cref="PaneSums.MaxDenseCells"/> only those that hold anything are kept.</param>
/// <param name="withSquares">Whether the sums of squares are kept up, too.</param>
internal sealed class WindowTotal(int cells, bool withSquares)
{
    private readonly UInt128[] _sums = cells > PaneSums.MaxDenseCells ? [] : new UInt128[withSquares ? 2 * cells : cells];
    private readonly SparseCells<UInt128>? _sparse = cells > PaneSums.MaxDenseCells ? new SparseCells<UInt128>(withSquares ? 2 : 1) : null;

    public long Events { get; private set; }

    public bool IsSparse => _sparse is not null;

    public ReadOnlySpan<int> KeptCells => _sparse is { } sparse ? sparse.Cells : [];

    public ReadOnlySpan<UInt128> Mass => _sparse is { } sparse ? sparse.Column(0) : _sums.AsSpan(0, cells);

    /// <summary>Σ p² of the same cells; only of a total that keeps squares.</summary>
    public ReadOnlySpan<UInt128> Squares => _sparse is { } sparse ? sparse.Column(1) : _sums.AsSpan(cells);

    public void Include(PaneSums pane)
    {
        Events += pane.Events;
        _sparse?.Combine(pane.KeptCells, pane.Mass, withSquares ? pane.Squares : [], subtract: false);
        var from = pane.MassAndSquares;
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += from[i];
        }
    }

    public void Exclude(PaneSums pane)
    {
        Events -= pane.Events;
        _sparse?.Combine(pane.KeptCells, pane.Mass, withSquares ? pane.Squares : [], subtract: true);
        var from = pane.MassAndSquares;
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] -= from[i];
        }
    }

    public void Clear()
    {
        Events = 0;
        Array.Clear(_sums);
        _sparse?.Clear();
    }
}
