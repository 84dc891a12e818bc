namespace DriftMonitor.Windows;

/// <summary>A series' sums over the window just before a live one, as long: to compare with besides a reference. Immutable.</summary>
/// <param name="Events">How many events.</param>
/// <param name="Mass">Σ p of each cell or of <paramref name="KeptCells"/>, in units of <see cref="FixedPoint"/>, not to be changed.</param>
/// <param name="Squares">Σ p² of the same cells, in the same units, not to be changed: for the variances that a noise floor needs.</param>
/// <param name="Complete">Whether every event of this window can have been seen; false after a start until both windows lie behind.</param>
/// <param name="KeptCells">The cells that hold anything, not to be changed, if the space is too large to keep all; else null.</param>
public sealed record TrailingWindow(long Events, UInt128[] Mass, UInt128[] Squares, bool Complete, int[]? KeptCells = null);
