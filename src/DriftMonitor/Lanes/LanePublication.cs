namespace DriftMonitor.Lanes;

/// <summary>What a lane publishes at once, and what may be committed when all of it is acknowledged.</summary>
/// <remarks>
/// A merger keeps the order: registers, then progress, since what progress says is closed can be replaced no more. A lane of which a
/// publication was not acknowledged whole must publish nothing after it; its successor re-reads from the offset committed before.
/// </remarks>
/// <param name="Registers">The panes that changed since the last publication, whole.</param>
/// <param name="Progress">How far the lane has come.</param>
/// <param name="SafeOffset">The offset to resume from; null before the first record. Commit it only after the rest is acknowledged.</param>
/// <param name="UncheckedIds">How many ids found no room since the last publication: duplicates of them count.</param>
public sealed record LanePublication(
    ImmutableArray<PaneRegister> Registers,
    LaneProgress Progress,
    long? SafeOffset,
    long UncheckedIds = 0) : StageEvent;
