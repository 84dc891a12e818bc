namespace DriftMonitor.Worker.Kafka;

/// <summary>Records of a partition that cannot be read any more.</summary>
/// <param name="NextOffset">
/// The first offset that can still be read; smaller than those read before when the log is another one, or was truncated.
/// </param>
/// <param name="LatestMs">The latest timestamp, epoch milliseconds, that one of them can have had.</param>
internal readonly record struct LostRecords(long NextOffset, long LatestMs)
{
    /// <summary>Whether the log is another one than was read, and not just shorter.</summary>
    public bool IsAnotherLog { get; init; }
}
