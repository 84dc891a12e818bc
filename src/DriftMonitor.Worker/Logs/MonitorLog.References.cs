namespace DriftMonitor.Worker.Logs;

/// <content>References and promotions.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1701, LogLevel.Warning,
        "model {Model} has two references of version {Version}: {Used} (id {UsedId}) is in use, {File} (id {Id}) is not; give one of "
        + "them another version")]
    public static partial void ReferenceFilesRival(
        this ILogger log, string model, int version, string used, string usedId, string file, string id);

    [LoggerMessage(1702, LogLevel.Error, "References:Directory {Directory} cannot be read, the references in use stay: {Problem}")]
    public static partial void ReferenceDirectoryUnreadable(this ILogger log, string directory, string problem);

    [LoggerMessage(1703, LogLevel.Information, "reference file {File} is gone")]
    public static partial void ReferenceFileGone(this ILogger log, string file);

    [LoggerMessage(1704, LogLevel.Error, "reference refused, what was in use stays: {Problem}")]
    public static partial void ReferenceRefused(this ILogger log, string problem);

    [LoggerMessage(1705, LogLevel.Error, "{More} more files of {Directory} are refused")]
    public static partial void MoreReferencesRefused(this ILogger log, int more, string directory);

    [LoggerMessage(1706, LogLevel.Information,
        "reference {Id} version {Version} of model {Model}: {Events} events over {Classes} classes, from {File}")]
    public static partial void ReferenceFileUsed(
        this ILogger log, string id, int version, string model, long events, int classes, string file);

    [LoggerMessage(1707, LogLevel.Warning,
        "{Topic} has not been read to its end within {Seconds} s: references come from References:Directory alone until it is")]
    public static partial void ReferencesSlow(this ILogger log, string topic, double seconds);

    [LoggerMessage(1708, LogLevel.Error, "{Topic} is read no more, the references in use stay until the next start")]
    public static partial void ReferencesEnded(this ILogger log, Exception fault, string topic);

    [LoggerMessage(1709, LogLevel.Information,
        "reference {Id} version {Version} of model {Model}: {Events} events over {Classes} classes, from {Topic}")]
    public static partial void ReferenceRecordUsed(
        this ILogger log, string id, int version, string model, long events, int classes, string topic);

    [LoggerMessage(1710, LogLevel.Information, "{Topic} has no reference of model {Model} any more")]
    public static partial void ReferenceRecordGone(this ILogger log, string topic, string model);

    [LoggerMessage(1711, LogLevel.Warning,
        "model {Model} has two references of version {Version}, id {DirectoryId} in the references directory and id {Id} in {Topic}: "
        + "{UsedId} is in use; give one of them another version")]
    public static partial void ReferenceRecordRival(
        this ILogger log, string model, int version, string directoryId, string id, string topic, string usedId);

    [LoggerMessage(1712, LogLevel.Information, "reference of {Model} from {Range}: {What} asked for by {By}")]
    public static partial void PromotionAsked(this ILogger log, string model, string range, string what, string by);

    [LoggerMessage(1713, LogLevel.Information, "reference of {Model} version {Version}: undone by {By}")]
    public static partial void ReferenceUndone(this ILogger log, string model, int version, string by);

    [LoggerMessage(1714, LogLevel.Information, "{Reference}, pushed to {Place} for {By}")]
    public static partial void ReferencePromoted(this ILogger log, string reference, string place, string by);

    [LoggerMessage(1715, LogLevel.Warning, "reference of {Model}: {Problem}")]
    public static partial void PromotionFailed(this ILogger log, string model, string problem);
}
