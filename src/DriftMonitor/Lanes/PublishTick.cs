namespace DriftMonitor.Lanes;

/// <summary>When a lane is to publish, and what it cannot know itself.</summary>
/// <param name="AtMs">The time, epoch milliseconds.</param>
/// <param name="CaughtUp">Whether the source has no backlog.</param>
/// <param name="SeenUntilMs">When the source was last read to its end; null if <paramref name="CaughtUp"/> says it: now, or never.</param>
public readonly record struct PublishTick(long AtMs, bool CaughtUp, long? SeenUntilMs = null);
