using System.CommandLine;
using System.Reactive.Concurrency;
using DriftMonitor.Worker.Commands;
using Spectre.Console;

#pragma warning disable RS0030 // the one place that chooses the clock and the scheduler
var time = TimeProvider.System;
var scheduler = TaskPoolScheduler.Default;
#pragma warning restore RS0030

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 240; // nobody's window: tables are read by other programs or scrolled sideways
}

return await new RootCommand("DriftMonitor watches what models output and says when it drifts.")
{
    RunCommand.Create(time, scheduler),
    DemoCommand.Create(time, scheduler),
    ReplayCommand.Create(time),
    ReferenceCommand.Create(time),
}.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }); // the host handles signals, and takes longer than the two seconds allowed here
