using System.Diagnostics;
using System.Globalization;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Ends child processes when this one ends without having ended them: killed itself, say.</summary>
/// <remarks>
/// A shell that is told of each child and waits for the end of its input, which the kernel closes however this process ends.
/// </remarks>
internal sealed class Watchdog : IDisposable
{
    private const string Script =
        "while read pid; do pids=\"$pids $pid\"; done; for pid in $pids; do grep -qs DriftMonitor.Worker /proc/$pid/cmdline && kill "
        + "-9 $pid; done";

    private readonly Process _shell;

    public Watchdog()
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        _shell = Process.Start(start)!;
        _shell.StandardInput.AutoFlush = true;
    }

    public void Watch(int processId)
    {
        lock (_shell)
        {
            _shell.StandardInput.WriteLine(processId.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }
}
