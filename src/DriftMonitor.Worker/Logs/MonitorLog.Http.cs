namespace DriftMonitor.Worker.Logs;

/// <content>Pages, API and metrics.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1801, LogLevel.Error, "{Path} failed")]
    public static partial void RequestFailed(this ILogger log, Exception fault, string path);

    [LoggerMessage(1802, LogLevel.Debug, "{Path}: the reader went away")]
    public static partial void ReaderLeft(this ILogger log, Exception fault, string path);

    [LoggerMessage(1803, LogLevel.Error, "{Path} cannot be shown")]
    public static partial void PageFailed(this ILogger log, Exception fault, string path);
}
