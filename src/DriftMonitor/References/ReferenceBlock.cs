namespace DriftMonitor.References;

/// <summary>The events of a reference within one stretch of time.</summary>
/// <param name="StartMs">The stretch's start, epoch milliseconds.</param>
/// <param name="Events">How many events.</param>
/// <param name="Mass">Σ p of each cell in units of <see cref="Sums.FixedPoint"/>.</param>
public sealed record ReferenceBlock(long StartMs, long Events, ImmutableArray<ulong> Mass);
