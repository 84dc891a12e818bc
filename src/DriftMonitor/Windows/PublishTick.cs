namespace DriftMonitor.Windows;

/// <summary>When a lane is to publish, and what it cannot know itself.</summary>
/// <param name="AtMs">The time, epoch milliseconds.</param>
/// <param name="CaughtUp">Whether the source has no backlog.</param>
public readonly record struct PublishTick(long AtMs, bool CaughtUp);
