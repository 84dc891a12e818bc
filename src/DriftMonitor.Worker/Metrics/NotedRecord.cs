namespace DriftMonitor.Worker.Metrics;

/// <summary>Where a record stands, for a person to find it. Nothing of its content.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Row">Which of its events it is about, from 0.</param>
/// <param name="TimeMs">Its own timestamp, epoch milliseconds.</param>
internal readonly record struct NotedRecord(int Partition, long Offset, int Row, long TimeMs)
{
    /// <summary>The place in the payload where it was expected; null where that is not known.</summary>
    public string? Where { get; init; }

    /// <summary>What to do about this one, where more is known than of all others of its reason; else null.</summary>
    public string? Remedy { get; init; }
}
