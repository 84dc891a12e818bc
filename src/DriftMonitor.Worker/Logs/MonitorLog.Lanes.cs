namespace DriftMonitor.Worker.Logs;

/// <content>Stage 1: records that are read, rejected or not committed.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1201, LogLevel.Error, "dead letters cannot be delivered to {Topic}: {Reason} ({Code}); they are counted and given up")]
    public static partial void DeadLettersUndelivered(this ILogger log, string topic, string reason, string code);

    [LoggerMessage(1202, LogLevel.Error, "a record of {Topic} could not be decoded; it is rejected as malformed")]
    public static partial void RecordUndecodable(this ILogger log, Exception fault, string topic);

    [LoggerMessage(1203, LogLevel.Warning, "could not commit {Offsets}: {Problem}")]
    public static partial void OffsetsUncommitted(this ILogger log, string offsets, string problem);

    [LoggerMessage(1204, LogLevel.Warning, "{Partition} is paused: what was read of it is not acknowledged by the brokers yet")]
    public static partial void PartitionPaused(this ILogger log, string partition);

    [LoggerMessage(1205, LogLevel.Information, "{Partition} is read again")]
    public static partial void PartitionResumed(this ILogger log, string partition);

    [LoggerMessage(1206, LogLevel.Warning,
        "{Topic} [{Partition}] @{Offset} is rejected, {Reason}: expected{Where}: {Expected}. {Remedy} ({Page}). More of this reason "
        + "within an hour are only counted")]
    public static partial void RecordRejected(
        this ILogger log, string topic, int partition, long offset, string reason, string where, string expected, string remedy,
        string page);

    [LoggerMessage(1207, LogLevel.Warning,
        "{Topic} is refused as a whole: no record has counted for a minute, {Rejected} were rejected since the last look, the first "
        + "one at [{Partition}] @{Offset}, {Reason}: expected{Where}: {Expected}. {Remedy} ({Page})")]
    public static partial void TopicRefused(
        this ILogger log, string topic, long rejected, int partition, long offset, string reason, string where, string expected,
        string remedy, string page);

    [LoggerMessage(1208, LogLevel.Warning,
        "{Topic}: {Duplicates} of {Read} predictions since the last look have the id of one before them, and count in no window. What "
        + "to do: {Remedy}. More within an hour are only counted")]
    public static partial void TopicFullOfDuplicates(this ILogger log, string topic, long duplicates, long read, string remedy);
}
