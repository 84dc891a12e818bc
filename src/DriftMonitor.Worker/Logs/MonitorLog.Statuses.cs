namespace DriftMonitor.Worker.Logs;

/// <content>The status topic.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1601, LogLevel.Error,
        "{Topic} [{Partition}]: {Statuses} statuses are of a newer version of DriftMonitor, of other windows, of a replica whose "
        + "clock was ahead, or not readable: the alarms of their models begin anew")]
    public static partial void StatusesUnreadable(this ILogger log, string topic, int partition, int statuses);

    [LoggerMessage(1602, LogLevel.Warning,
        "{Topic} [{Partition}] holds no status, though its windows were written down: the alarms of its models begin anew. Right for "
        + "a group that began a moment ago; if that topic was deleted or has lost records, alarms that are on will be told a second "
        + "time")]
    public static partial void StatusesMissing(this ILogger log, string topic, int partition);

    [LoggerMessage(1603, LogLevel.Error,
        "the status of {Model} cannot be written into {Topic} ({Reason}): who takes it over goes on from the last one that was")]
    public static partial void StatusUnwritten(this ILogger log, string model, string topic, string reason);

    [LoggerMessage(1604, LogLevel.Warning,
        "{Topic} has not been read to its end within {Seconds} s: the pages show the models of this replica alone until it is")]
    public static partial void StatusesSlow(this ILogger log, string topic, double seconds);

    [LoggerMessage(1605, LogLevel.Error,
        "{Topic} is read no more: what the pages show of other replicas' models stays as it was until the next start")]
    public static partial void StatusesEnded(this ILogger log, Exception fault, string topic);
}
