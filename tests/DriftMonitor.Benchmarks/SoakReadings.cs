using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// What asks a monitor: Prometheus, with and without gzip, a person who looks at the alarms, an orchestrator, and a reader that gives up.
/// </summary>
internal sealed class SoakReadings(CancellationToken stop) : IAsyncDisposable
{
    private const int BeatsBetweenSlowReaders = 12;
    private static readonly TimeSpan SlowReadersPatience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) }; // it does not unpack what it asks for
    private readonly List<Task> _slow = [];
    private bool _alarm;
    private int _scrapes;
    private int _givenUp;
    private int _failures;
    private int _alarmsBegun;

    /// <returns>How many series a scrape has, and how many alarms there are; null for what was not answered.</returns>
    public async Task<(int? Series, int? Alarms)> ReadAsync(Uri address, int beat)
    {
        _slow.RemoveAll(reader => reader.IsCompleted);
        if (beat % BeatsBetweenSlowReaders == 0)
        {
            _slow.Add(ReadSlowlyAsync(address));
        }

        await AskAsync(address, "/health/ready");
        await AskAsync(address, "/health/live");
        await AskAsync(address, "/metrics", gzip: true);
        var scrape = await AskAsync(address, "/metrics");
        _scrapes += 2;
        int? alarms = await AskAsync(address, "/api/v1/alarms?on=true") is { } body
            ? (int)JsonNode.Parse(body)!["total"]!
            : null;
        _alarmsBegun += alarms > 0 && !_alarm ? 1 : 0;
        _alarm = alarms > 0;
        return (scrape?.Split('\n').Count(line => line.StartsWith("driftmonitor_", StringComparison.Ordinal)), alarms);
    }

    public override string ToString() =>
        $"{_scrapes} scrapes, {_givenUp} readers that gave up, {_failures} answers that failed; alarms began {_alarmsBegun} times";

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_slow);
        _http.Dispose();
    }

    private async Task<string?> AskAsync(Uri address, string path, bool gzip = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        if (gzip)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        }

        try
        {
            using var answer = await _http.SendAsync(request, stop);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsStringAsync(stop);
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            _failures++;
            return null;
        }
    }

    /// <summary>Asks for a scrape, reads its first bytes, and goes away without the rest.</summary>
    private async Task ReadSlowlyAsync(Uri address)
    {
        try
        {
            using var client = new TcpClient { ReceiveBufferSize = 2_048 };
            await client.ConnectAsync(address.Host, address.Port, stop);
            await client.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: soak\r\n\r\n"u8.ToArray(), stop);
            await client.GetStream().ReadExactlyAsync(new byte[512], stop);
            using var patience = new PeriodicTimer(SlowReadersPatience);
            await patience.WaitForNextTickAsync(stop);
            Interlocked.Increment(ref _givenUp);
        }
        catch (Exception problem) when (problem is IOException or SocketException or OperationCanceledException)
        {
            // it was sent away, or the end
        }
    }
}
