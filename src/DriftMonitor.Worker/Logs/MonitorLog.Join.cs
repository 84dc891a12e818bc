namespace DriftMonitor.Worker.Logs;

/// <content>The join of labels, and its store.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1401, LogLevel.Debug, "it was not noted that the labels before {Offset} are counted: {Problem}")]
    public static partial void LabelsUnnoted(this ILogger log, string offset, string problem);

    [LoggerMessage(1402, LogLevel.Information, "the labels of {Partition} are joined again")]
    public static partial void LabelsJoinedAgain(this ILogger log, string partition);

    [LoggerMessage(1403, LogLevel.Error,
        "the feedback store {Directory} cannot be read ({Problem}): it was moved to {Aside}, which you may delete, and is being "
        + "rebuilt from the topics; labels whose records the topics no longer hold are lost. Drift monitoring is not affected")]
    public static partial void StoreRebuilt(this ILogger log, string directory, string problem, string aside);

    [LoggerMessage(1404, LogLevel.Warning,
        "{Partition}: the topic was deleted and created again since it was read to offset {Next}: labels are joined anew from both "
        + "topics; windows that reach back to before that are not ready")]
    public static partial void JoinedLogReplaced(this ILogger log, string partition, long next);

    [LoggerMessage(1405, LogLevel.Error, "records cannot be routed to {Topic}: {Reason} ({Code}); they are not joined")]
    public static partial void RecordsUnrouted(this ILogger log, string topic, string reason, string code);

    [LoggerMessage(1406, LogLevel.Error,
        "the feedback store {Directory} cannot be used ({Problem}): the labels of {Partition} are not joined for now, and wait in "
        + "their topic. It is tried again every few seconds; make room, or let this process write there, or delete the directory to "
        + "have it rebuilt from the topics. Drift monitoring is not affected")]
    public static partial void StoreUnusable(this ILogger log, string? directory, string problem, string partition);

    [LoggerMessage(1407, LogLevel.Warning, "{Labels} labels of {Model} count in no window ({Reason}): {Remedy}")]
    public static partial void LabelsUnmatched(this ILogger log, long labels, string model, string reason, string remedy);
}
