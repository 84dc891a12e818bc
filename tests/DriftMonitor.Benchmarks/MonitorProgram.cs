using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DriftMonitor.Benchmarks;

/// <summary>The real program as a child process, with its <c>/metrics</c>.</summary>
internal sealed class MonitorProgram : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;
    private bool _disposed;

    public MonitorProgram(string bootstrapServers, params ReadOnlySpan<string> settings)
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        _http = new HttpClient { BaseAddress = new Uri($"http://{port.LocalEndpoint}") };
        port.Stop();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (ReadOnlySpan<string>)
        [
            Path.Combine(AppContext.BaseDirectory, "DriftMonitor.Worker.dll"), "run", $"--Urls={_http.BaseAddress}",
            $"--Kafka:BootstrapServers={bootstrapServers}",
            "--Logging:LogLevel:Default=Warning", .. settings,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        // null is the end
        _process.OutputDataReceived += (_, line) => Console.Write(line.Data is { } text ? text + Environment.NewLine : "");
        _process.BeginOutputReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Where its pages are.</summary>
    public Uri Address => _http.BaseAddress!;

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long MegaBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 >> 20;
        }
    }

    /// <summary>What <c>/metrics</c> says; empty when it is not up yet.</summary>
    public async Task<string> ScrapeAsync()
    {
        try
        {
            return await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>Kills it.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
    }
}
