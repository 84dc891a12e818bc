namespace DriftMonitor.Lanes;

/// <summary>The open panes of one series and source partition, and the memory that they have.</summary>
/// <remarks>
/// Over few cells the memory of all panes that can be open at once is taken with the first, and kept until the series falls silent: who has
/// a place keeps it. Used by one thread.
/// </remarks>
internal sealed class OpenSeries(WindowPlan plan, MemoryBudget memory)
{
    private readonly MemoryShare _share = new(memory);
    private long _latestMs = long.MinValue;

    public List<OpenPane> Panes { get; } = [];

    /// <summary>Whether there is memory for an event; if so, it is taken.</summary>
    public bool HasRoom(PredictionRecord record)
    {
        var cells = record.Classes.Space.CellCount;
        if (cells <= PaneSums.MaxDenseCells)
        {
            return _share.TryCover(plan.UnsettledPanes * PaneSums.WeightOf(cells, cells, HasPolicy(record)));
        }

        var needed = PaneSums.WeightOf(cells, record.HasFewCells ? record.FewCells.Length : cells, HasPolicy(record));
        foreach (var pane in Panes)
        {
            needed += pane.Weight;
        }

        return _share.TryCover(needed);
    }

    /// <summary>Takes note of the time of a record that counted.</summary>
    public void Note(long recordMs) => _latestMs = Math.Max(_latestMs, recordMs);

    /// <summary>Whether its place is free: it has no open pane, and has not counted a record for long.</summary>
    public bool IsSilent(long clockMs) => Panes.Count == 0 && _latestMs < clockMs - plan.SilenceMs;

    /// <summary>Whether it has counted nothing.</summary>
    public bool IsUnused => _latestMs == long.MinValue;

    /// <summary>Gives the memory back.</summary>
    public void Release() => _share.Fit(0);

    private static bool HasPolicy(PredictionRecord record) => record.Paired is not null || record.Sampled is not null;
}
