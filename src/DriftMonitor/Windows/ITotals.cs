namespace DriftMonitor.Windows;

/// <summary>What a sliding window adds its panes up to.</summary>
internal interface ITotals<in TSums>
{
    /// <summary>Adds a pane to the total of the part that it lies in, or takes it back.</summary>
    void Combine(WindowPart part, TSums pane, bool subtract);

    /// <summary>Empties every total.</summary>
    void Clear();
}
