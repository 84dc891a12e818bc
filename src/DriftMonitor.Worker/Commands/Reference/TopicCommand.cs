using System.CommandLine;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary>A command on the references topic, of the brokers and the panes topic that the service's settings name.</summary>
internal static class TopicCommand
{
    /// <param name="console">What it writes to.</param>
    /// <param name="command">The command, with the options that it has of its own.</param>
    /// <param name="words">Its arguments, null for none.</param>
    /// <param name="most">How many it may have.</param>
    /// <param name="run">Runs it with the service's settings and its arguments.</param>
    public static Command Create(
        CommandConsole console, Command command, Argument<string[]>? words, int most,
        Func<ParseResult, MonitorSettings, string[], Task<int>> run)
    {
        var service = new ServiceFile("brokers and topics");
        command.TreatUnmatchedTokensAsErrors = false;
        if (words is not null)
        {
            command.Add(words);
        }

        command.Add(service.Option);
        command.SetAction((parsed, _) => console.TellFaultsAsync(async () =>
        {
            // What is no option of ours is taken for an argument, also a setting that is given as to <c>run</c>.
            var given = (words is null ? [] : parsed.GetValue(words) ?? []).Concat(parsed.UnmatchedTokens).ToLookup(
                word => word.StartsWith("--", StringComparison.Ordinal));
            string[] problems = [.. GivenSettings.Read([.. given[true], .. given[false].Skip(most)]).Problems];
            if (words is not null && !given[false].Any())
            {
                problems = [$"{words.Name}: must be given", .. problems];
            }

            return problems.Length > 0
                ? throw new InvalidConfigurationException(problems)
                : await run(parsed, service.ReadAlways(parsed, [.. given[true]]), [.. given[false]]);
        }));
        return command;
    }

    /// <summary>Arguments, of which there may be none where settings are given instead.</summary>
    public static Argument<string[]> Words(string name, string description) =>
        new(name) { Description = description, Arity = System.CommandLine.ArgumentArity.ZeroOrMore };
}
