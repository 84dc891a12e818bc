using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Prometheus;

/// <summary>Answers Prometheus. Never loses a series to the SDK's limits, however many come and go.</summary>
/// <remarks>
/// <para>
/// The SDK gives a metric room for a number of label sets when the provider first sees it (2,000 unless a view says otherwise) and
/// forgets none before the provider is disposed: of 10,000 models that came and went 50 at a time, those after the 2,000th were lost.
/// So the room is made for twice the label sets in use, and when new ones have used it up the whole provider is replaced. Scrapes that
/// are under way end on the provider that they began on, so no answer holds a series twice. All instruments but the histogram are read
/// when asked and go on as if nothing had happened; the histogram begins at 0 again, which to Prometheus is a counter reset.
/// </para>
/// <para>
/// What was tried instead. One meter a model: the exporter keeps the first 1,024 metrics it has seen, those of disposed meters too (1.9 GB
/// after 300 replacements of 10 metrics with room for 20,000), 1,000 models in 20 metrics took 1.2 GB and 700 to 1,000 ms a scrape for
/// 100,000 series where one meter takes 100 ms and 0.2 GB, and the classes of one model can come and go without end too. A meter's own
/// tags are not exported with ScopeInfoEnabled=false. A very high limit: the room is set aside for each metric, 96 bytes a label set.
/// </para>
/// <para>
/// The answer is always in the text format 0.0.4: in OpenMetrics a counter has the time of its creation too, which a replaced provider
/// would get wrong.
/// </para>
/// </remarks>
internal sealed class ScrapeEndpoint(MonitorMetrics metrics, IServiceProvider services) : IDisposable
{
    private const int LeastRoom = 1_000;

    private readonly Lock _replacing = new();
    private Exporter _exporter = Exporter.Create(metrics, services); // from the start, so that the histogram misses nothing
    private bool _disposed;

    /// <summary>How many providers there have been.</summary>
    public int Providers { get; private set; } = 1;

    /// <summary>Answers one scrape.</summary>
    public async Task Answer(HttpContext context)
    {
        context.Request.Headers.Accept = "text/plain;version=0.0.4";
        var exporter = Enter();
        try
        {
            await exporter.Answer(context);
        }
        finally
        {
            Leave(exporter);
        }
    }

    public void Dispose()
    {
        lock (_replacing)
        {
            _disposed = true;
            _exporter.Provider.Dispose();
        }
    }

    private Exporter Enter()
    {
        lock (_replacing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_exporter.HasRoom())
            {
                var replaced = _exporter;
                _exporter = Exporter.Create(metrics, services);
                Providers++;
                if (replaced is { Scrapes: 0 })
                {
                    replaced.Provider.Dispose();
                }
            }

            _exporter.ShowWhatFits();
            _exporter.Scrapes++;
            return _exporter;
        }
    }

    private void Leave(Exporter exporter)
    {
        lock (_replacing)
        {
            if (--exporter.Scrapes == 0 && exporter != _exporter)
            {
                exporter.Provider.Dispose();
            }
        }
    }

    /// <summary>A provider with its exporter, and how many label sets of each kind fit into it.</summary>
    private sealed class Exporter
    {
        private readonly Dictionary<LabelSets, (long First, long Last)> _fitting;

        private Exporter(Dictionary<LabelSets, (long First, long Last)> fitting, MeterProvider provider, RequestDelegate answer) =>
            (_fitting, Provider, Answer) = (fitting, provider, answer);

        public MeterProvider Provider { get; }

        public RequestDelegate Answer { get; }

        public int Scrapes { get; set; }

        public static Exporter Create(MonitorMetrics metrics, IServiceProvider services)
        {
            var fitting = metrics.LabelKinds.ToDictionary(kind => kind, Room);
            var provider = Sdk.CreateMeterProviderBuilder()
                .AddMeter(MonitorMetrics.MeterName)
                .AddView(instrument => View(instrument, metrics, fitting))
                .AddPrometheusExporter(Configure)
                .Build();
            var pipeline = new ApplicationBuilder(services);
            pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(provider, _ => true, null, null, null);
            return new Exporter(fitting, provider, pipeline.Build());
        }

        public bool HasRoom() => _fitting.All(kind => kind.Key.Issued <= kind.Value.Last);

        public void ShowWhatFits()
        {
            foreach (var kind in _fitting.Keys)
            {
                kind.ShowUpTo(kind.Issued);
            }
        }

        /// <summary>The label sets in use, whatever their numbers are, and as many new ones again.</summary>
        private static (long First, long Last) Room(LabelSets labels)
        {
            var (issued, alive) = (labels.Issued, labels.Alive);
            return (issued - alive, issued + Math.Max(alive, LeastRoom));
        }

        private static MetricStreamConfiguration? View(
            Instrument instrument, MonitorMetrics metrics, Dictionary<LabelSets, (long First, long Last)> fitting)
        {
            if (instrument.Meter != metrics.Meter)
            {
                return MetricStreamConfiguration.Drop;
            }

            if (metrics.LabelsOf(instrument) is not { } labels)
            {
                return null;
            }

            var (first, last) = fitting[labels.Labels];
            return new MetricStreamConfiguration { CardinalityLimit = checked((int)(last - first)) * labels.PointsEach };
        }

        private static void Configure(PrometheusAspNetCoreOptions options)
        {
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
            options.ScrapeResponseCacheDurationMilliseconds = 0; // what is gone is gone from the next answer
            options.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithoutSuffixes; // names are whole
        }
    }
}
