using System.CommandLine;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands.Config;

/// <summary><c>config show</c>: every setting with its value and its origin.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandConsole console) => ConfigCommand.Create(
        console,
        new Command(
            "show",
            "Show every setting in effect, its value and where it is written, one per line. Secrets are hidden. Settings can also be given "
            + "on the command line, as with driftmonitor run: --Kafka:GroupId=…"),
        (_, configuration, problems) =>
        {
            if (!problems.IsEmpty)
            {
                throw new InvalidConfigurationException(problems);
            }

            foreach (var (key, value, origin) in SettingList.Of(configuration))
            {
                var from = origin is null ? "default" : $"from {origin}";
                console.Say(DisplayText.Of($"{key} = '{value}' ({from})"));
            }

            return Task.FromResult(0);
        });
}
