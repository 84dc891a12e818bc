using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The real program as a child process that can be killed, stopped and continued, and is looked at through its log and <c>/metrics</c>.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int LinesKept = 200;
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly Process _process;
    private readonly Queue<string> _lines = [];
    private volatile Uri? _metrics;
    private int _assignments;

    private WorkerProcess(string program, Process process) => (Program, _process) = (program, process);

    /// <summary>The program's assembly.</summary>
    public string Program { get; }

    /// <summary>Whether the process has ended, whoever ended it.</summary>
    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Whether it serves <c>/metrics</c>: it has begun to join its groups.</summary>
    public bool IsUp => _metrics is not null;

    /// <summary>How often a stage was assigned partitions.</summary>
    public int Assignments => Volatile.Read(ref _assignments);

    public static WorkerProcess Start(string program, IReadOnlyList<string> arguments, Watchdog watchdog)
    {
        RealBrokerRules.CheckSession(arguments);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = new Process { StartInfo = start };
        var worker = new WorkerProcess(program, process);
        process.OutputDataReceived += (_, line) => worker.Hear(line.Data);
        process.ErrorDataReceived += (_, line) => worker.Hear(line.Data);
        process.Start();
        watchdog.Watch(process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>SIGKILL: it gets no say in it.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>SIGTERM, and waits until it has ended: it says what it has to say and leaves its groups.</summary>
    public async Task TerminateAsync()
    {
        Signal("-TERM");
        await Patience.UntilAsync("a replica that was asked to end has ended", () => HasEnded, Log);
        Assert.True(ExitCode == 0, $"a replica that was asked to end ended with {ExitCode}:\n{Log()}");
    }

    /// <summary>SIGSTOP: it goes on living but does nothing, as in a long pause of its machine.</summary>
    public void Stop() => Signal("-STOP");

    /// <summary>SIGCONT: it goes on as if nothing had happened.</summary>
    public void Continue() => Signal("-CONT");

    /// <summary>What <c>/metrics</c> says; null when it does not answer.</summary>
    public async Task<string?> ScrapeAsync()
    {
        try
        {
            return _metrics is { } metrics && !HasEnded ? await Http.GetStringAsync(metrics, TestContext.Current.CancellationToken) : null;
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException
            || (problem is TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested))
        {
            return null; // just killed
        }
    }

    /// <summary>The last lines that it logged.</summary>
    public string Log()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }

    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }

        if (!line.StartsWith('{'))
        {
            return;
        }

        using var entry = JsonDocument.Parse(line);
        var message = entry.RootElement.GetProperty("Message").GetString()!;
        if (message.StartsWith("Now listening on: ", StringComparison.Ordinal))
        {
            _metrics = new Uri(new Uri(message["Now listening on: ".Length..]), "metrics");
        }
        else if (message.StartsWith("assigned ", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _assignments);
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
