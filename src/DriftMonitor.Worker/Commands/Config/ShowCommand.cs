using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Config;

/// <summary><c>config show</c>: every setting with its value and its origin.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandConsole console) => ConfigCommand.Create(
        console,
        new Command(
            "show",
            "Show every setting with its value and where it is written; secrets are hidden. Settings can also be given as to run: "
            + "--Kafka:GroupId=…"),
        (_, configuration, problems) =>
        {
            if (!problems.IsEmpty)
            {
                throw new InvalidConfigurationException(problems);
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("setting", "value", "from");
            foreach (var setting in SettingList.Of(configuration))
            {
                table.AddRow(MarkupText.Of(setting.Key), MarkupText.Of(setting.Value), MarkupText.Of(setting.Origin ?? "default"));
            }

            console.Screen.Write(table);
            return Task.FromResult(0);
        });
}
