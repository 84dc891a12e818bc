using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reactive.Concurrency;
using DriftMonitor.Worker.Commands.Backtest;
using DriftMonitor.Worker.Commands.Demo;
using DriftMonitor.Worker.Commands.Reference;
using DriftMonitor.Worker.Commands.Replay;
using DriftMonitor.Worker.Commands.Run;
using Spectre.Console;

#pragma warning disable RS0030 // the one place that chooses the clock and the scheduler
var time = TimeProvider.System;
var scheduler = TaskPoolScheduler.Default;
#pragma warning restore RS0030

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 240; // nobody's window: tables are read by other programs or scrolled sideways
}

var command = new RootCommand("DriftMonitor watches what models output and says when it drifts.")
{
    RunCommand.Create(time, scheduler),
    DemoCommand.Create(time, scheduler),
    ReplayCommand.Create(time),
    BacktestCommand.Create(time),
    ReferenceCommand.Create(time),
};
var parsed = command.Parse(args);
if (parsed.Action is ParseErrorAction error)
{
    error.ShowHelp = args.Length == 0; // else the line that says what is wrong would scroll away
    error.ShowTypoCorrections = false; // they go where a program that reads our output finds them
}

return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }); // the host handles signals, and takes longer than the two seconds allowed here
