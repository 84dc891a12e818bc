namespace DriftMonitor.Worker.Logs;

/// <content>The start: settings, and the topics that the service needs.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1001, LogLevel.Warning, "{Mixed}")]
    public static partial void AlarmSettingsMixed(this ILogger log, string mixed);

    [LoggerMessage(1002, LogLevel.Warning, "{Problem}")]
    public static partial void TopicSettingUnsuitable(this ILogger log, string problem);

    [LoggerMessage(1003, LogLevel.Information, "made topic {Topic} with {Partitions} partitions")]
    public static partial void TopicCreated(this ILogger log, string topic, int partitions);

    [LoggerMessage(1004, LogLevel.Information, "the settings of topic {Topic} cannot be checked: {Reason}")]
    public static partial void TopicSettingsUnknown(this ILogger log, string topic, string reason);

    [LoggerMessage(1005, LogLevel.Information,
        "topic {Topic} has {Partitions} partitions, which holds, and not the {Configured} of {Key}")]
    public static partial void TopicPartitionsKept(this ILogger log, string topic, int partitions, int configured, string key);
}
