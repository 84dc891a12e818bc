using System.Text.Encodings.Web;
using Microsoft.Extensions.Logging.Console;

namespace DriftMonitor.Worker.Logs;

/// <summary>What the log looks like.</summary>
internal static class LogHosting
{
    /// <summary>The console writes a JSON object a line, with the time in UTC, unless the settings say otherwise.</summary>
    public static ILoggingBuilder AddJsonLines(this ILoggingBuilder logging)
    {
        logging.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Json);
        logging.Services.PostConfigure<JsonConsoleFormatterOptions>(json =>
        {
            if (string.IsNullOrEmpty(json.TimestampFormat))
            {
                (json.TimestampFormat, json.UseUtcTimestamp) = ("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", true);
            }

            json.JsonWriterOptions = json.JsonWriterOptions with { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
        return logging;
    }
}
