namespace DriftMonitor.Worker.Logs;

/// <content>The clients of Kafka, and the partitions that they read.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1101, LogLevel.Error, "Kafka, {Client}: {Problem}; this client is of no more use")]
    public static partial void ClientFailed(this ILogger log, string client, string problem);

    [LoggerMessage(1102, LogLevel.Warning, "Kafka, {Client}: {Problem}; going on")]
    public static partial void ClientTroubled(this ILogger log, string client, string problem);

    [LoggerMessage(1103, LogLevel.Debug, "librdkafka {Facility}: {Message}")]
    public static partial void ClientLogged(this ILogger log, string facility, string message);

    [LoggerMessage(1104, LogLevel.Critical, "{Stage} has failed, the process ends with exit code {ExitCode}: {Problem}")]
    public static partial void StageFailed(this ILogger log, Exception fault, string stage, int exitCode, string problem);

    [LoggerMessage(1105, LogLevel.Error, "{Record} cannot be read")]
    public static partial void RecordUnreadable(this ILogger log, Exception fault, string record);

    [LoggerMessage(1106, LogLevel.Debug, "the group could not be left before closing")]
    public static partial void GroupNotLeft(this ILogger log, Exception fault);

    [LoggerMessage(1107, LogLevel.Debug, "the consumer could not be closed: its group waits for the session to end")]
    public static partial void ConsumerNotClosed(this ILogger log, Exception fault);

    [LoggerMessage(1108, LogLevel.Information, "assigned {Partitions}")]
    public static partial void PartitionsAssigned(this ILogger log, string partitions);

    [LoggerMessage(1109, LogLevel.Information, "{What} {Partitions}")]
    public static partial void PartitionsReleased(this ILogger log, string what, string partitions);

    [LoggerMessage(1110, LogLevel.Information, "consumer group {Group}: joined")]
    public static partial void GroupJoined(this ILogger log, string group);

    [LoggerMessage(1111, LogLevel.Warning, "consumer group {Group}: waiting for {What}")]
    public static partial void GroupWaits(this ILogger log, string group, string what);

    [LoggerMessage(1112, LogLevel.Warning, "{Record} waits, and so do others: {Problem}")]
    public static partial void RegistryAwaited(this ILogger log, string record, string problem);

    [LoggerMessage(1113, LogLevel.Information, "no partition waits for a schema registry any more")]
    public static partial void RegistryAnswered(this ILogger log);

    [LoggerMessage(1114, LogLevel.Warning,
        "{Partition}: the topic was deleted and created again, or truncated: it ends at {High} and is read from offset {Next}; "
        + "windows that reach back to before that are not ready")]
    public static partial void LogReplaced(this ILogger log, string partition, long high, long next);

    [LoggerMessage(1115, LogLevel.Warning,
        "{Partition}: {Lost} records, offsets {Asked} to {Last}, were deleted before they were read: the topic's retention is shorter "
        + "than what this reader was behind. It is read from offset {Next}; windows that reach back to before that are not ready")]
    public static partial void RecordsLost(this ILogger log, string partition, long lost, long? asked, long last, long next);

    [LoggerMessage(1116, LogLevel.Debug, "the ids of topics cannot be told: {Problem}")]
    public static partial void TopicIdsUnknown(this ILogger log, string problem);
}
