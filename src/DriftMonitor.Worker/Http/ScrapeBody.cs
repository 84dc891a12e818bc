using System.IO.Compression;
using DriftMonitor.Worker.Metrics;
using Microsoft.Net.Http.Headers;
using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Http;

/// <summary>Answers Prometheus. Never loses a series to the SDK's limits, however many come and go.</summary>
/// <remarks>
/// <para>
/// The SDK gives a metric room for a number of label sets when its provider first sees it (2,000 unless a view says otherwise) and forgets
/// none before the provider is disposed: of 10,000 models that came and went 50 at a time, those after the 2,000th were lost. So the room
/// is made for twice the label sets in use, and when new ones have used it up the provider is replaced, between scrapes. Its instruments
/// are only read when asked, so nobody notices. Histograms remember: they have a provider of their own that stays, with all whose label
/// sets do not change.
/// </para>
/// <para>
/// What was tried instead. One meter a model: the exporter keeps the first 1,024 metrics it has seen, those of disposed meters too (1.9 GB
/// after 300 replacements of 10 metrics with room for 20,000), 1,000 models in 20 metrics took 1.2 GB and 700 to 1,000 ms a scrape for
/// 100,000 series where one meter takes 0.1 to 0.3 s and 0.2 GB, and the classes of one model come and go without end too. A meter's own
/// tags are not exported with ScopeInfoEnabled=false. A very high limit: the room is set aside for each metric, 96 bytes a label set.
/// </para>
/// <para>
/// The answer is always in the text format 0.0.4: two of them make one, and in OpenMetrics a counter has the time of its creation too,
/// which a replaced provider would get wrong.
/// </para>
/// <para>
/// One body is written at a time, and at most one a second: for all that ask meanwhile or within that second, so that nobody is told what
/// is older. It is compressed once for all of them that take gzip. Slow readers hold at most <see cref="MaxAtOnce"/> bodies, and not for
/// long, since the server drops them.
/// </para>
/// </remarks>
internal sealed class ScrapeBody : IDisposable
{
    /// <summary>How many scrapes are answered at once: two Prometheus servers, an agent and a few people.</summary>
    public const int MaxAtOnce = 8;

    private const int BytesAtOnce = 256 * 1024; // who has not taken that much after the server's grace period is dropped

    private readonly Instruments _instruments;
    private readonly Action _refresh;
    private readonly IServiceProvider _services;
    private readonly TextExporter _steady;
    private readonly SharedWork<Body> _body;
    private SeriesExporter _series;
    private int _lastLength;

    /// <summary>Begins to listen: what a histogram records before that is lost.</summary>
    /// <param name="sharedFor">How old an answer may be.</param>
    public ScrapeBody(MonitorMetrics metrics, IServiceProvider services, TimeSpan sharedFor, TimeProvider time)
    {
        (_instruments, _services, _refresh) = (metrics.Instruments, services, metrics.Models.Refresh);
        _steady = new TextExporter(
            meters => meters.AddMeter(_instruments.Meter.Name).AddProcess(),
            services,
            instrument => ProcessMetrics.Has(instrument) ? ProcessMetrics.View(instrument)
                : instrument.Meter == _instruments.Meter && _instruments.LabelsOf(instrument) is null ? null
                : MetricStreamConfiguration.Drop);
        _series = new SeriesExporter(_instruments, services);
        _body = new SharedWork<Body>(WriteAsync, sharedFor, time);
    }

    /// <summary>How often the provider of the series was replaced.</summary>
    public int Replacements { get; private set; }

    public int Written { get; private set; }

    /// <summary>Answers one scrape. <c>HEAD</c> is told the type only: the length would take the whole body.</summary>
    public async Task Answer(HttpContext context)
    {
        var (response, cancel) = (context.Response, context.RequestAborted);
        response.ContentType = TextExporter.ContentType;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var gzip = context.Request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "gzip" && coding.Quality != 0);
        var written = await _body.ResultAsync().WaitAsync(cancel);
        var body = gzip ? await written.Gzip.Value.WaitAsync(cancel) : written.Text;
        response.Headers.ContentEncoding = gzip ? "gzip" : default;
        response.ContentLength = body.Length;
        for (var sent = 0; sent < body.Length; sent += BytesAtOnce)
        {
            await response.Body.WriteAsync(body.Slice(sent, Math.Min(BytesAtOnce, body.Length - sent)), cancel);
        }
    }

    public void Dispose()
    {
        _series.Dispose();
        _steady.Dispose();
    }

    private async Task<Body> WriteAsync()
    {
        _refresh(); // a model that is new is shown at once, with its state as it is now
        if (!_series.HasRoom)
        {
            _series.Dispose();
            _series = new SeriesExporter(_instruments, _services);
            Replacements++;
        }

        _series.ShowWhatFits();
        var body = new MemoryStream(_lastLength + (_lastLength / 8)); // one that grows takes twice the memory
        await _series.WriteTo(body, _services);
        await _steady.WriteTo(body, _services);
        _lastLength = (int)body.Length;
        Written++;
        ReadOnlyMemory<byte> text = body.GetBuffer().AsMemory(0, _lastLength);
        return new Body(text, new Lazy<Task<ReadOnlyMemory<byte>>>(() => Task.Run(() => CompressAsync(text))));
    }

    private static async Task<ReadOnlyMemory<byte>> CompressAsync(ReadOnlyMemory<byte> text)
    {
        var body = new MemoryStream(text.Length / 8);
        await using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(text);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private sealed record Body(ReadOnlyMemory<byte> Text, Lazy<Task<ReadOnlyMemory<byte>>> Gzip);
}
