using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Prometheus;

/// <summary>Answers Prometheus. Never loses a series to the SDK's limits, however many come and go.</summary>
/// <remarks>
/// <para>
/// The SDK gives a metric room for a number of label sets when its provider first sees it (2,000 unless a view says otherwise) and forgets
/// none before the provider is disposed: of 10,000 models that came and went 50 at a time, those after the 2,000th were lost. So the room
/// is made for twice the label sets in use, and when new ones have used it up the provider is replaced, between scrapes. Its instruments
/// are only read when asked, so nobody notices. The histograms remember, and have a provider of their own that stays.
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
/// </remarks>
internal sealed class ScrapeEndpoint : IDisposable
{
    private readonly Lock _replacing = new();
    private readonly MonitorMetrics _metrics;
    private readonly IServiceProvider _services;
    private readonly TextExporter _histograms;
    private SeriesExporter _series;
    private int _lastLength;

    /// <summary>Begins to listen: what a histogram records before that is lost.</summary>
    public ScrapeEndpoint(MonitorMetrics metrics, IServiceProvider services)
    {
        (_metrics, _services) = (metrics, services);
        _histograms = new TextExporter(metrics.Meter, services, instrument => metrics.LabelsOf(instrument) is null ? null : MetricStreamConfiguration.Drop);
        _series = new SeriesExporter(metrics, services);
    }

    /// <summary>How often the provider of the series was replaced.</summary>
    public int Replacements { get; private set; }

    /// <summary>Answers one scrape.</summary>
    public async Task Answer(HttpContext context)
    {
        // Not written straight to the client: one that reads slowly would keep the provider from being replaced.
        using var body = new MemoryStream(Volatile.Read(ref _lastLength));
        var series = Enter();
        try
        {
            await series.WriteTo(body, _services, context.RequestAborted);
        }
        finally
        {
            Leave(series);
        }

        await _histograms.WriteTo(body, _services, context.RequestAborted);
        Volatile.Write(ref _lastLength, (int)body.Length);
        context.Response.ContentType = TextExporter.ContentType;
        context.Response.ContentLength = body.Length;
        body.Position = 0;
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public void Dispose()
    {
        _series.Dispose();
        _histograms.Dispose();
    }

    private SeriesExporter Enter()
    {
        lock (_replacing)
        {
            if (_series.Scrapes == 0 && !_series.HasRoom)
            {
                _series.Dispose();
                _series = new SeriesExporter(_metrics, _services);
                Replacements++;
            }

            _series.ShowWhatFits();
            _series.Scrapes++;
            return _series;
        }
    }

    private void Leave(SeriesExporter series)
    {
        lock (_replacing)
        {
            series.Scrapes--;
        }
    }
}
