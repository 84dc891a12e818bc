namespace DriftMonitor.References;

/// <summary>How often a value of each bin occurred within one stretch of time.</summary>
/// <param name="StartMs">The stretch's start, epoch milliseconds.</param>
/// <param name="Counts">Events in each bin of the <see cref="ValueBaseline"/>.</param>
public sealed record ValueBlock(long StartMs, ImmutableArray<long> Counts);
