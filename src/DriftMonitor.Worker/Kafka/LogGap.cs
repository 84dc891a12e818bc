using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>What lies between the offset that a partition was to be read from and those that it has.</summary>
/// <param name="Asked">
/// The offset asked for; null when the topic was made again, or librdkafka found that the log was cut off before anything was read of it.
/// </param>
/// <param name="Low">The first offset that there is.</param>
/// <param name="High">The offset after the last.</param>
internal readonly record struct LogGap(TopicPartition Partition, long? Asked, long Low, long High)
{
    /// <summary>Whether the log ends before what was asked for: the topic was truncated, or deleted and created again.</summary>
    public bool IsAnotherLog => Asked is not { } asked || High < asked;

    /// <summary>Whether records are missing. If not, the broker that was asked did not have them yet.</summary>
    public bool HasLoss => IsAnotherLog || Low > Asked;

    /// <summary>How many records were deleted unread; of another log that is not known, and 0.</summary>
    public long Lost => IsAnotherLog ? 0 : Math.Max(0, Low - Asked!.Value);

    /// <summary>Where the partition is read on.</summary>
    public long Next => IsAnotherLog ? Low : Math.Max(Low, Asked!.Value);
}
