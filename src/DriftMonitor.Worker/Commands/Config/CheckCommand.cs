using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Commands.Config;

/// <summary><c>config check</c>: what is wrong with the configuration, a line each, by the checks of the service's start.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandConsole console)
    {
        var askBrokers = new Option<bool>("--ask-brokers")
        {
            Description = "Ask the brokers as well: whether they answer, and whether each topic exists, can be read and has the partitions "
                + "that it must have. Creates nothing.",
        };
        return ConfigCommand.Create(
            console,
            new Command(
                "check",
                "List all errors of the configuration, one per line. The exit code is 0 if there are none, otherwise 1. Settings can also "
                + "be given on the command line, as with driftmonitor run: --Kafka:GroupId=…") { askBrokers },
            async (parsed, configuration, problems) =>
            {
                var settings = ConfigurationReader.Read(configuration, problems);
                AccessTokens.Read(settings.Http);
                if (KafkaClients.Problems(settings.Client, settings.GroupId) is { Count: > 0 } together)
                {
                    throw new InvalidConfigurationException(together);
                }

                console.Say("The configuration is valid.");
                Warn(console, settings.Alarms.Mixed());
                if (parsed.GetValue(askBrokers))
                {
                    var check = await TopicSetup.CheckAsync(settings);
                    console.Say($"The brokers at {DisplayText.Of(settings.Client.BootstrapServers)} answer.");
                    foreach (var topic in check.Topics)
                    {
                        console.Say($"  {Line(topic)}");
                    }

                    Warn(console, check.Warnings);
                    if (!check.Problems.IsEmpty)
                    {
                        throw new InvalidConfigurationException(check.Problems);
                    }
                }

                return 0;
            });
    }

    /// <summary>What the service would log at its start, and start nevertheless.</summary>
    private static void Warn(CommandConsole console, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            console.Tell($"warning: {warning}");
        }
    }

    private static string Line(TopicStanding topic)
    {
        var state = SnakeCaseName.InWords(topic.State);
        return topic.Partitions == 0
            ? DisplayText.Of($"{topic.Topic}: {state} ({topic.Setting})")
            : DisplayText.Of(string.Create(
                CultureInfo.InvariantCulture, $"{topic.Topic}: {state}, partitions: {topic.Partitions} ({topic.Setting})"));
    }
}
