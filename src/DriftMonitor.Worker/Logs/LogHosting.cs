using Microsoft.Extensions.Logging.Console;

namespace DriftMonitor.Worker.Logs;

/// <summary>What the log looks like.</summary>
internal static class LogHosting
{
    /// <summary>The console writes <see cref="JsonLogFormatter"/>'s lines, unless the settings name another format.</summary>
    public static ILoggingBuilder AddJsonLines(this ILoggingBuilder logging, TimeProvider time)
    {
        // of formatters of one name the console takes the first
        logging.Services.Insert(0, ServiceDescriptor.Singleton<ConsoleFormatter>(new JsonLogFormatter(time)));
        logging.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Json);
        return logging;
    }
}
