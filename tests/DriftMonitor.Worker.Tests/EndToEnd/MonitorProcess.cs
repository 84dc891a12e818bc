using System.Diagnostics;
using System.Globalization;
using System.Text;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary><c>run</c> as a child process: what it says, what <c>/metrics</c> says, signals and its end.</summary>
internal sealed class MonitorProcess : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http = new();
    private readonly StringBuilder _output = new();
    private DateTime _terminatedAt;

    private MonitorProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has written so far, to standard output and standard error.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>
    /// From <see cref="TerminateAsync"/> to the end of the process: as the system tells it, since this process may be too busy to look at
    /// the time.
    /// </summary>
    public TimeSpan StopTook => _process.ExitTime - _terminatedAt;

    /// <param name="settings">As on the command line, without the dashes.</param>
    public static MonitorProcess Start(params string[] settings) => Start(heapBytes: 0, settings);

    /// <param name="heapBytes">The limit of the heap; 0 for none but the machine's.</param>
    /// <param name="settings">As on the command line, without the dashes.</param>
    public static MonitorProcess Start(long heapBytes, params string[] settings) => Start(
        heapBytes > 0
            ? new() { ["DOTNET_GCHeapHardLimit"] = heapBytes.ToString("x", CultureInfo.InvariantCulture) }
            : [],
        settings);

    /// <param name="variables">Of its environment, beside those of this process.</param>
    /// <param name="settings">As on the command line, without the dashes.</param>
    public static MonitorProcess Start(Dictionary<string, string> variables, params string[] settings)
    {
        RealBrokerRules.CheckSession(settings);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add(typeof(MonitorApp).Assembly.Location);
        start.ArgumentList.Add("run");
        foreach (var setting
            in (string[])[
                "Urls=http://127.0.0.1:0", "Logging:LogLevel:Microsoft=Information", "Logging:Console:FormatterName=simple",
                "Logging:Console:FormatterOptions:TimestampFormat=HH:mm:ss.fff ", .. settings])
        {
            start.ArgumentList.Add($"--{setting}");
        }

        return new MonitorProcess(Process.Start(start)!);
    }

    /// <summary>Its largest resident set so far, in MiB (Linux).</summary>
    public long PeakMiB => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>http://host:port of its pages; null before it listens.</summary>
    public string? Address
    {
        get
        {
            const string listening = "Now listening on: ";
            return Output.Split(Environment.NewLine).Select(line => line.Split(listening)).FirstOrDefault(parts => parts.Length == 2)?[1];
        }
    }

    /// <summary>The body of a scrape; empty before there is one.</summary>
    public async Task<string> ScrapeAsync() =>
        Address is { } address ? await _http.GetStringAsync(new Uri($"{address}/metrics"), TestContext.Current.CancellationToken) : "";

    /// <summary>Asks again and again until something is so.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> isSo) => Patience.UntilAsync(
        what,
        async () => await isSo() || (_process.HasExited ? throw new InvalidOperationException($"it ended by itself:\n{Output}") : false),
        () => Output);

    public Task UntilMetricsHoldAsync(string sample) =>
        UntilAsync(sample, async () => (await ScrapeAsync()).Split('\n').Any(line => line.StartsWith(sample, StringComparison.Ordinal)));

    /// <summary>SIGTERM.</summary>
    public async Task TerminateAsync()
    {
        _terminatedAt = DateTime.Now;
        using var kill = Process.Start("kill", $"-TERM {_process.Id.ToString(CultureInfo.InvariantCulture)}");
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGKILL; it has ended then.</summary>
    public Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        return _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Its exit code, when it has ended and everything that it wrote has been read.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience.Limit);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _http.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
