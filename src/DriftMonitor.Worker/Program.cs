using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reactive.Concurrency;
using DriftMonitor.Worker.Commands;
using DriftMonitor.Worker.Commands.Alarms;
using DriftMonitor.Worker.Commands.Backtest;
using DriftMonitor.Worker.Commands.Config;
using DriftMonitor.Worker.Commands.Demo;
using DriftMonitor.Worker.Commands.Reference;
using DriftMonitor.Worker.Commands.Replay;
using DriftMonitor.Worker.Commands.Run;

namespace DriftMonitor.Worker;

internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        var console = new CommandConsole(
            Console.OpenStandardOutput(), Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected)
        {
            Input = Console.OpenStandardInput(),
        };
#pragma warning disable RS0030 // the one place that chooses the clock and the scheduler
        return RunAsync(args, console, TimeProvider.System, TaskPoolScheduler.Default);
#pragma warning restore RS0030
    }

    public static Task<int> RunAsync(string[] args, CommandConsole console, TimeProvider time, IScheduler scheduler)
    {
        var command = new RootCommand("DriftMonitor watches what models output and says when it drifts.")
        {
            RunCommand.Create(console, time, scheduler),
            DemoCommand.Create(console, time, scheduler),
            ReplayCommand.Create(console, time),
            BacktestCommand.Create(console, time),
            ReferenceCommand.Create(console, time),
            AlarmCommand.Create(console, time),
            ConfigCommand.Create(console),
        };
        var parsed = command.Parse(args);
        if (parsed.Action is ParseErrorAction error)
        {
            error.ShowHelp = args.Length == 0; // else the line that says what is wrong would scroll away
            error.ShowTypoCorrections = false; // they go where a program that reads our output finds them
        }

        // The host handles signals, and takes longer than the two seconds allowed here.
        return parsed.InvokeAsync(
            new InvocationConfiguration { ProcessTerminationTimeout = null, Output = console.Output, Error = console.Error });
    }
}
