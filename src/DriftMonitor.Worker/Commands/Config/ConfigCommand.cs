using System.CommandLine;
using DriftMonitor.Worker.Commands.Run;

namespace DriftMonitor.Worker.Commands.Config;

/// <summary><c>config</c>: the configuration as the service reads it.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommandConsole console) =>
        new("config", "Check the configuration of the service, or show it.")
        {
            CheckCommand.Create(console),
            ShowCommand.Create(console),
        };

    /// <summary>A command that reads the same sources as <c>run</c>: settings can also be given to it.</summary>
    /// <param name="console">What it writes to.</param>
    /// <param name="command">The command, with the options that it has of its own.</param>
    /// <param name="run">Runs it with the configuration, and with what is known already to be wrong with it.</param>
    public static Command Create(
        CommandConsole console, Command command, Func<ParseResult, IConfiguration, ImmutableArray<string>, Task<int>> run)
    {
        var config = ServiceBuilder.ConfigOption();
        command.TreatUnmatchedTokensAsErrors = false;
        command.Add(config);
        command.SetAction((parsed, _) => console.TellFaultsAsync(() =>
        {
            var given = GivenSettings.Read(parsed.UnmatchedTokens);
            return run(parsed, ServiceBuilder.Create(parsed.GetValue(config), given).Configuration, given.Problems);
        }));
        return command;
    }
}
