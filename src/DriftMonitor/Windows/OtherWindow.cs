namespace DriftMonitor.Windows;

/// <summary>
/// The sums of other traffic, to compare a live window with besides a reference: of the same series just before, or of the rest of its
/// model's traffic at the same time. Immutable.
/// </summary>
/// <param name="Events">How many events.</param>
/// <param name="Mass">Σ p of each cell or of <paramref name="KeptCells"/>, in units of <see cref="FixedPoint"/>, not to be changed.</param>
/// <param name="Squares">Σ p² of the same cells, in the same units, not to be changed: for the variances that a noise floor needs.</param>
/// <param name="Complete">Whether every event of this window can have been seen; false after a start until both windows lie behind.</param>
/// <param name="KeptCells">The cells that hold anything, not to be changed, if the space is too large to keep all; else null.</param>
public sealed record OtherWindow(long Events, UInt128[] Mass, UInt128[] Squares, bool Complete, int[]? KeptCells = null)
{
    /// <summary>The same sums pane by pane, for an evaluation; null when they are not kept.</summary>
    public WindowPanes? Panes { get; init; }

    /// <summary>What is left of a window without one of its parts, both of the same time and classes.</summary>
    /// <param name="all">The whole, with squares.</param>
    /// <param name="part">The part, with squares.</param>
    internal static OtherWindow Without(LiveWindow all, LiveWindow part)
    {
        var (mass, squares) = (all.Mass.AsSpan().ToArray(), all.Squares!.AsSpan().ToArray());
        var isPart = part.Events <= all.Events;
        for (var i = 0; i < part.Mass.Length; i++)
        {
            var at = part.KeptCells is { } kept ? Array.BinarySearch(all.KeptCells!, kept[i]) : i;
            isPart &= at >= 0 && part.Mass[i] <= mass[at] && part.Squares![i] <= squares[at];
            if (isPart)
            {
                mass[at] -= part.Mass[i];
                squares[at] -= part.Squares![i];
            }
        }

        // a series that was refused a pane for want of memory may hold less than its part
        return new OtherWindow(isPart ? all.Events - part.Events : 0, mass, squares, isPart && all.Complete && part.Complete, all.KeptCells)
        {
            Panes = isPart && all.Panes is { } panes && part.Panes is { } less ? panes.Without(less) : null,
        };
    }

    /// <summary>The same of the panes that count, with the squares that so many events have on average.</summary>
    internal OtherWindow Of(bool[] counted)
    {
        var panes = Panes!.Of(counted);
        var events = panes.Events.Sum();
        var part = Events == 0 ? 0 : (double)events / Events;
        return this with
        {
            Panes = panes,
            Events = events,
            Mass = panes.Total(),
            Squares = [.. Squares.Select(square => (UInt128)((double)square * part))],
        };
    }
}
