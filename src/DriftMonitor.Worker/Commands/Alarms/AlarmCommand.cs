using System.CommandLine;

namespace DriftMonitor.Worker.Commands.Alarms;

/// <summary><c>alarm</c>: what can be done about alarms from outside.</summary>
internal static class AlarmCommand
{
    public static Command Create(CommandConsole console, TimeProvider time) =>
        new("alarm", "Test whether a model's alarms reach the people who should get them.") { AlarmTestCommand.Create(console, time) };
}
