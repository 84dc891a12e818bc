namespace DriftMonitor.Worker.Logs;

/// <content>Telemetry of the monitor's own.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1901, LogLevel.Warning, "telemetry cannot be sent to {Endpoint}: {Problem}; what is not sent is lost")]
    public static partial void TelemetryUnsent(this ILogger log, string endpoint, string problem);

    [LoggerMessage(1902, LogLevel.Information, "telemetry is sent to {Endpoint} again")]
    public static partial void TelemetrySent(this ILogger log, string endpoint);
}
