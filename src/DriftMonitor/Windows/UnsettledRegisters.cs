using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>A series' registers of panes not yet settled. Each may still be replaced, so it is kept to be taken back exactly.</summary>
internal sealed class UnsettledRegisters(WindowPlan plan, RefusedRegisters refused)
{
    private readonly Dictionary<(int SourcePartition, long PaneStartMs), PaneRegister> _registers = [];

    /// <summary>The end of the earliest pane that is not settled.</summary>
    public long NextToSettleMs => _registers.Count == 0 ? long.MaxValue : _registers.Keys.Min(key => key.PaneStartMs) + plan.BasePaneMs;

    /// <summary>What the registers take of a <see cref="MemoryBudget"/>.</summary>
    public long Weight => _registers.Values.Sum(register => register.Sums.Weight);

    /// <summary>Keeps a register, unless a better one of its source partition and pane is known.</summary>
    /// <param name="register">The register.</param>
    /// <param name="replaced">The one that it replaces, null for none.</param>
    public bool TryPut(PaneRegister register, out PaneRegister? replaced)
    {
        ref var kept = ref CollectionsMarshal.GetValueRefOrAddDefault(_registers, (register.SourcePartition, register.PaneStartMs), out _);
        replaced = kept;
        if (replaced is not null && !register.Replaces(replaced))
        {
            return false;
        }

        kept = register;
        return true;
    }

    /// <summary>Gives the sums of the panes that end by a time, and forgets their registers.</summary>
    public IEnumerable<(long StartMs, PaneSums Sums, long LatestEventMs)> Settle(long upToMs)
    {
        foreach (var pane in _registers.Values
            .Where(register => register.PaneStartMs + plan.BasePaneMs <= upToMs)
            .GroupBy(register => register.PaneStartMs))
        {
            var sums = pane.First().Sums.Copy();
            foreach (var register in pane.Skip(1))
            {
                sums.Add(register.Sums);
            }

            yield return (pane.Key, sums, pane.Max(register => register.LatestEventMs));
            foreach (var register in pane)
            {
                _registers.Remove((register.SourcePartition, register.PaneStartMs));
                refused.NoteMerged(register);
            }
        }
    }

    /// <summary>Forgets every register.</summary>
    public void Clear()
    {
        foreach (var register in _registers.Values)
        {
            refused.NoteMerged(register);
        }

        _registers.Clear();
    }
}
