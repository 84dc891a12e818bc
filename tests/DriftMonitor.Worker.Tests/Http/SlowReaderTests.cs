using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>Readers that are many, slow or gone: each would hold a body that is as large as all that is exported.</summary>
public sealed class SlowReaderTests : IDisposable
{
    private const int Models = 3_000; // a body of which most fits into no buffer of the system
    private readonly List<Socket> _readers = [];

    [Fact]
    public async Task Readers_that_do_not_read_are_answered_up_to_a_limit_and_others_told_to_come_back()
    {
        await using var monitor = await LargeAsync(null);
        Assert.InRange((await monitor.Scrape()).Body.Length, 8_000_000, int.MaxValue);

        var answers = new List<string>();
        for (var reader = 0; reader < 5 * ScrapeBody.MaxAtOnce; reader++)
        {
            answers.Add(await AskAsync(monitor));
        }

        Assert.Equal(ScrapeBody.MaxAtOnce, answers.Count(status => status == "200"));
        Assert.Equal(4 * ScrapeBody.MaxAtOnce, answers.Count(status => status == "503"));
        using var refused = await monitor.SendAsync(HttpMethod.Get);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
        Assert.True(refused.Headers.ConnectionClose);
        var alarms = await monitor.GetAsync("/api/v1/alarms"); // what else is served is served
        Assert.StartsWith("""{"items":[],""", alarms, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_dropped_and_one_that_goes_away_too_and_the_log_stays_empty()
    {
        var log = new LogLines();
        await using (
            var monitor = await LargeAsync(new MinDataRate(bytesPerSecond: 1024 * 1024, gracePeriod: TimeSpan.FromSeconds(1.1)), log))
        {
            Assert.Equal("200", await AskAsync(monitor));
            Assert.True(_readers[0].Poll(TimeSpan.FromSeconds(60), SelectMode.SelectError)); // reset by the server

            Assert.Equal("200", await AskAsync(monitor));
            _readers[1].Close(timeout: 0);

            await monitor.Scrape();
            Assert.Equal(0, (await monitor.Scrape()).Value("http_requests_refused_total{}"));
        }

        Assert.Empty(log.All);
    }

    [Fact]
    public async Task Gzip_is_the_same_text()
    {
        await using var monitor = await ScrapedMonitor.Start();
        monitor.Reports.Update(Reported.Of("é😀", contributions: ("cat", 1)));

        using var zipped = await monitor.SendAsync(HttpMethod.Get, "deflate, gzip;q=0.5");
        using var text = new StreamReader(new GZipStream(
            await zipped.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress));
        using var unzipped = await monitor.SendAsync(HttpMethod.Get, "gzip;q=0");

        Assert.Equal(["gzip"], zipped.Content.Headers.ContentEncoding);
        Assert.Empty(unzipped.Content.Headers.ContentEncoding);
        Assert.Equal(["Accept-Encoding"], zipped.Headers.Vary);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", zipped.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            new Scrape(await unzipped.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).InOrder(),
            new Scrape(await text.ReadToEndAsync(TestContext.Current.CancellationToken)).InOrder());
    }

    [Fact]
    public async Task Head_has_the_type_and_no_body()
    {
        await using var monitor = await ScrapedMonitor.Start();

        using var head = await monitor.SendAsync(HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", head.Content.Headers.ContentType?.ToString());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => _readers.ForEach(reader => reader.Dispose());

    private static async Task<ScrapedMonitor> LargeAsync(MinDataRate? rate, LogLines? log = null)
    {
        var monitor = await ScrapedMonitor.StartAsync(rate, log);
        for (var model = 0; model < Models; model++)
        {
            monitor.Reports.Update(Reported.Of(
                string.Create(CultureInfo.InvariantCulture, $"model-{model}"),
                contributions: [.. Enumerable.Range(0, 10).Select(c => ($"class-{c}", c + 1.0))]));
        }

        return monitor;
    }

    /// <summary>Asks for the metrics and reads no more than the status of the answer.</summary>
    private async Task<string> AskAsync(ScrapedMonitor monitor)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        _readers.Add(socket);
        await socket.ConnectAsync(monitor.Address.Host, monitor.Address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var status = new byte["HTTP/1.1 200".Length];
        for (var read = 0; read < status.Length;)
        {
            read += await socket.ReceiveAsync(status.AsMemory(read), TestContext.Current.CancellationToken);
        }

        return Encoding.ASCII.GetString(status)[^3..];
    }
}
