namespace DriftMonitor.Evaluation;

/// <summary>Sums of a window as shares of their whole.</summary>
internal static class MassShares
{
    /// <summary>Fills in the share of every cell; all 0 where there is no mass.</summary>
    /// <param name="mass">Σ p of each cell, or of each of the kept ones.</param>
    /// <param name="keptCells">The cells that the mass is of; null when it is of all.</param>
    /// <param name="shares">Receives the shares, one a cell.</param>
    public static void Of(UInt128[] mass, int[]? keptCells, Span<double> shares)
    {
        UInt128 total = 0;
        foreach (var units in mass)
        {
            total += units;
        }

        shares.Clear();
        var whole = (double)total;
        for (var i = 0; i < mass.Length; i++)
        {
            shares[keptCells is null ? i : keptCells[i]] = whole == 0 ? 0 : (double)mass[i] / whole;
        }
    }
}
