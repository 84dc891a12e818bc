using System.CommandLine;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Commands;

/// <summary>Options that several commands have.</summary>
internal static class Arguments
{
    public static Option<FileInfo> File(string name, string description) =>
        new Option<FileInfo>(name) { Description = description, HelpName = "FILE", Required = true }.AcceptExistingOnly();

    public static Option<TimeSpan> Duration(string name, string description, string value) =>
        new(name)
        {
            Description = description,
            HelpName = "DURATION",
            DefaultValueFactory = _ => Parse(value),
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (!WindowSpec.TryParseDuration(text, out _))
                {
                    result.AddError($"{name} = '{text}': must be a whole number of ms, s, m, h or d, such as 10s");
                    return default;
                }

                return Parse(text);
            },
        };

    private static TimeSpan Parse(string text) =>
        WindowSpec.TryParseDuration(text, out var milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : throw new FormatException(text);
}
