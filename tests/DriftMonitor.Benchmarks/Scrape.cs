using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Text;
using BenchmarkDotNet.Attributes;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Benchmarks;

/// <summary>One answer to Prometheus of 100,000 series: 1,667 models with three windows, twenty series each.</summary>
[Config(typeof(OneCore))]
public class Scrape
{
    private const int Count = 1_667;
    private const int LeastSeries = 100_000;

    private static readonly ThresholdsInForce Thresholds = new(
        new AlarmSettings(
            new ConfiguredThresholds(new(0.05, 0.125), default, default), ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty),
        [], 100, new Calibrations(1));

    private readonly ReportStore _reports = new(Thresholds);
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly HandClock _time = new();
    private MonitorMetrics _metrics = null!;
    private ScrapeBody _endpoint = null!;
    private long _measurements;

    [GlobalSetup]
    public async Task Setup()
    {
        _ = new ManyModels(Count, trailing: true, cusum: false, report => _reports.Update(report));
#pragma warning disable RS0030 // the clock is only shown
        var references = new UsedReferences(TimeProvider.System);
        _metrics = new MonitorMetrics(
            new MonitorState(
                _reports, new FeedbackWindows(Thresholds), new ActiveAlarms(ModelOwners.None), new LeftOutWindows(), references,
                new ModelStates(_reports, references, new RecentRecords(), Thresholds, TimeProvider.System),
                new AlarmTests(ModelOwners.None), new EvaluationHistory(0)),
            new WatchedModels(Count, 0, acceptUnknown: true), TimeProvider.System, ["predictions"],
            Thresholds, new PendingCalibrations(), new KeptCalibrations(0));
#pragma warning restore RS0030
        _endpoint = new ScrapeBody(_metrics, _services, TimeSpan.FromSeconds(1), _time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _metrics.Instruments.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => _measurements++);
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => _measurements++);
        _listener.Start();

        using var body = new MemoryStream();
        await Answer(body);
        var series = Encoding.UTF8.GetString(body.ToArray())
            .Split('\n')
            .Count(line => line.StartsWith("driftmonitor_", StringComparison.Ordinal));
        Console.WriteLine($"// {series} series in {body.Length / 1_000_000.0:F1} MB.");
        if (series < LeastSeries)
        {
            throw new InvalidOperationException($"{series} series are fewer than {LeastSeries}");
        }
    }

    /// <summary>Asks our own instruments for their measurements, and does nothing with them.</summary>
    [Benchmark(Baseline = true)]
    public long Observe()
    {
        _listener.RecordObservableInstruments();
        return _measurements;
    }

    /// <summary>The whole answer, without the network.</summary>
    [Benchmark]
    public Task Answer()
    {
        _time.Seconds++;
        return Answer(Stream.Null);
    }

    /// <summary>The same once more within its second.</summary>
    [Benchmark]
    public Task Again() => Answer(Stream.Null);

    private Task Answer(Stream body)
    {
        var context = new DefaultHttpContext { RequestServices = _services };
        context.Request.Path = "/metrics";
        context.Response.Body = body;
        return _endpoint.Answer(context);
    }

    private sealed class HandClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
