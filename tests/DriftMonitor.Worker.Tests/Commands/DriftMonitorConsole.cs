using System.Reactive.Concurrency;
using System.Text;
using DriftMonitor.Calibration;
using DriftMonitor.Worker.Commands;

namespace DriftMonitor.Worker.Tests.Commands;

/// <summary>The real command line in this process, its output redirected: a process costs more than most of what commands do.</summary>
internal static class DriftMonitorConsole
{
    /// <summary>Thresholds follow from reference, windows and budget alone: what one test has worked out, others need not.</summary>
    public static KeptCalibrations Kept { get; } = new(mostBytes: long.MaxValue);

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(Stream.Null, arguments);

    /// <summary>The same before somebody's eyes, in a window of so many columns.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> SeenAsync(int columns, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var console = new CommandConsole(Stream.Null, output, error, isOutputSeen: true, isErrorSeen: true);
        (console.Screen.Profile.Width, console.ErrorScreen!.Profile.Width) = (columns, columns);
#pragma warning disable RS0030 // in place of Main
        var code = await Program.RunAsync(arguments, console, TimeProvider.System, TaskPoolScheduler.Default, Kept);
#pragma warning restore RS0030
        return (code, output.ToString(), error.ToString());
    }

    /// <param name="input">Standard input.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(Stream input, params string[] arguments)
    {
        using var bytes = new MemoryStream();
        await using var output = new StreamWriter(bytes) { AutoFlush = true };
        await using var error = new StringWriter();
        var console = new CommandConsole(bytes, output, error, isOutputSeen: false, isErrorSeen: false) { Input = input };
#pragma warning disable RS0030 // in place of Main
        var code = await Program.RunAsync(arguments, console, TimeProvider.System, TaskPoolScheduler.Default, Kept);
#pragma warning restore RS0030
        return (code, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
