namespace DriftMonitor.Model;

/// <summary>What one holder of state has taken of the memory. Used by one thread at a time.</summary>
internal sealed class MemoryShare(MemoryBudget budget)
{
    /// <summary>How many cells it has.</summary>
    public long Cells { get; private set; }

    /// <summary>Takes what is missing to so many cells, unless there are not so many left.</summary>
    public bool TryCover(long cells)
    {
        if (cells > Cells)
        {
            if (!budget.TryTake(cells - Cells))
            {
                return false;
            }

            Cells = cells;
        }

        return true;
    }

    /// <summary>
    /// Takes what is missing to so many cells, whether or not there are so many left: for who has a place and needs little more.
    /// </summary>
    public void Cover(long cells)
    {
        if (!TryCover(cells))
        {
            budget.Overdraw(cells - Cells);
            Cells = cells;
        }
    }

    /// <summary>Gives back what is more than so many cells.</summary>
    public void Fit(long cells)
    {
        if (cells < Cells)
        {
            budget.Release(Cells - cells);
            Cells = cells;
        }
    }
}
