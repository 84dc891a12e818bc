using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>A real Prometheus or Alertmanager as a child process, on a loopback port of its own.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Server(Process process, string address)
    {
        _process = process;
        Address = address;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Http = new HttpClient { BaseAddress = new Uri($"http://{address}") };
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    public HttpClient Http { get; }

    public static async Task<Server> PrometheusAsync(string configuration, string data)
    {
        var address = FreeAddress();
        return await StartAsync(
            address, "prometheus", $"--config.file={configuration}", $"--storage.tsdb.path={data}", $"--web.listen-address={address}",
            "--log.level=warn");
    }

    public static async Task<Server> AlertmanagerAsync(string configuration, string data)
    {
        var address = FreeAddress();
        return await StartAsync(
            address, "prometheus-alertmanager", $"--config.file={configuration}", $"--storage.path={data}",
            $"--web.listen-address={address}", "--cluster.listen-address=", "--log.level=warn");
    }

    /// <summary>What it has written.</summary>
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

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static async Task<Server> StartAsync(string address, string program, params string[] arguments)
    {
        var server = new Server(
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!,
            address);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await server.IsReadyAsync(patience.Token))
        {
            Assert.False(server._process.HasExited, $"{program} ended by itself:\n{server.Output}");
            await beat.WaitForNextTickAsync(patience.Token);
        }

        return server;
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("/-/ready", UriKind.Relative), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not listening yet
        }
    }

    /// <summary>Neither program tells the port that it was given for 0.</summary>
    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
