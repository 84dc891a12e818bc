namespace DriftMonitor.Sums;

/// <summary>Whether sums have the same bits: what order, grouping, crashes and codecs may not change.</summary>
internal static class SameSums
{
    private static readonly PolicySums None = new();

    public static bool SameAs(this PaneSums sums, PaneSums other) =>
        (sums.Events, sums.Cells, sums.Entropy) == (other.Events, other.Cells, other.Entropy)
        && sums.KeptCells.SequenceEqual(other.KeptCells)
        && sums.Mass.SequenceEqual(other.Mass)
        && sums.Squares.SequenceEqual(other.Squares)
        && (sums.Policy ?? None).SameAs(other.Policy ?? None);

    public static bool SameAs(this PolicySums sums, PolicySums other) =>
        (sums.ExactEvents, sums.SampledEvents, sums.ClampedEvents) == (other.ExactEvents, other.SampledEvents, other.ClampedEvents)
        && sums.Sums.SequenceEqual(other.Sums)
        && sums.SquaresHigh.SequenceEqual(other.SquaresHigh)
        && sums.SquaresLow.SequenceEqual(other.SquaresLow);
}
