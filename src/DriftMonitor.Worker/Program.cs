using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reactive.Concurrency;
using DriftMonitor.Worker.Commands;
using DriftMonitor.Worker.Commands.Alarms;
using DriftMonitor.Worker.Commands.Backtest;
using DriftMonitor.Worker.Commands.Config;
using DriftMonitor.Worker.Commands.Demo;
using DriftMonitor.Worker.Commands.Health;
using DriftMonitor.Worker.Commands.Reference;
using DriftMonitor.Worker.Commands.Replay;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker;

internal static class Program
{
    /// <summary>The bound of what a command keeps of its calibrations: some thousands.</summary>
    private const long MostBytes = 16 << 20;

    public static Task<int> Main(string[] args)
    {
        var console = new CommandConsole(
            Console.OpenStandardOutput(), Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected)
        {
            Input = Console.OpenStandardInput(),
        };
#pragma warning disable RS0030 // the one place that chooses the clock and the scheduler
        return RunAsync(args, console, TimeProvider.System, TaskPoolScheduler.Default, new KeptCalibrations(MostBytes));
#pragma warning restore RS0030
    }

    /// <param name="args">The command line.</param>
    /// <param name="console">What the command writes to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="scheduler">What waits.</param>
    /// <param name="kept">What was calibrated before, and need not be again.</param>
    public static async Task<int> RunAsync(
        string[] args, CommandConsole console, TimeProvider time, IScheduler scheduler, KeptCalibrations kept)
    {
        // what a root command adds by itself, but under the name of the tool instead of that of the assembly
        var command = new Command("driftmonitor", "DriftMonitor watches what models output and says when it drifts.")
        {
            new HelpOption(),
            new VersionOption(),
            RunCommand.Create(console, time, scheduler),
            DemoCommand.Create(console, time, scheduler),
            ReplayCommand.Create(console, time),
            BacktestCommand.Create(console, time, kept),
            ReferenceCommand.Create(console, time, kept),
            AlarmCommand.Create(console, time),
            ConfigCommand.Create(console),
            HealthCommand.Create(console),
        };
        var parsed = command.Parse(args);
        if (parsed.Action is ParseErrorAction error)
        {
            error.ShowHelp = args.Length == 0; // else the line that says what is wrong would scroll away
            error.ShowTypoCorrections = false; // they go where a program that reads our output finds them
        }

        // The host handles signals, and takes longer than the two seconds allowed here.
        var exitCode = await parsed.InvokeAsync(
            new InvocationConfiguration { ProcessTerminationTimeout = null, Output = console.Output, Error = console.Error });
        foreach (var hint in parsed.Action is ParseErrorAction ? Hints(parsed) : [])
        {
            await console.Error.WriteLineAsync(hint);
        }

        return exitCode;
    }

    /// <summary>What an unknown command or option may have meant. What follows an unknown command belongs to that one.</summary>
    private static IEnumerable<string> Hints(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        foreach (var given in parsed.UnmatchedTokens)
        {
            var isOption = given.StartsWith('-');
            var known = isOption ? command.Options.Select(option => option.Name) : command.Subcommands.Select(each => each.Name);
            if (NearestName.Of(given.TrimStart('-').Split('=', ':')[0], known.Select(name => name.TrimStart('-'))) is { } nearest)
            {
                yield return $"{DisplayText.Of(given)}: did you mean {(isOption ? "--" : "")}{nearest}?";
            }

            if (!isOption)
            {
                yield break;
            }
        }
    }
}
