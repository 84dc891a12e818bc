using System.CommandLine;

namespace DriftMonitor.Worker.Commands.Alarms;

/// <summary><c>alarm</c>: what can be done about alarms from outside.</summary>
internal static class AlarmCommand
{
    public static Command Create(CommandConsole console, TimeProvider time) =>
        new("alarm", "Test the way that a model's alarms take to people.") { AlarmTestCommand.Create(console, time) };
}
