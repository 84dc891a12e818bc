using System.Reactive.Linq;
using System.Reactive.Subjects;
using BenchmarkDotNet.Attributes;
using DriftMonitor.Distributions;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks;

/// <summary>Stage 2 on one core: 10,000 series over 3 windows of 10 classes, every pane filled.</summary>
[MemoryDiagnoser]
[SimpleJob(invocationCount: 1, warmupCount: 5, iterationCount: 15)]
public class SlideAndEvaluate
{
    private const int Series = 10_000;
    private const int Classes = 10;
    private const long TenSeconds = 10_000;
    private const long TenMinutes = 600_000;
    private const long Start = 1_767_225_600_000;

    private readonly Subject<PaneMessage> _messages = new();
    private readonly Subject<long> _ticks = new();
    private SeriesKey[] _series = [];
    private PaneClasses _classes = null!;
    private PaneSums _sums = null!;
    private IDisposable _query = null!;
    private long _now;
    private long _reports;
    private double _sum;

    [GlobalSetup]
    public void Setup()
    {
        var space = ClassSpace.Indexed(Classes);
        var reference = Reference(space);
        _classes = new PaneClasses(space.Id, reference.Classes.Generation, null);
        _series = [.. Enumerable.Range(0, Series).Select(i => new SeriesKey("model", $"segment={i}"))];
        _sums = Sums(new Random(1), events: 100);
        var plan = WindowPlan.Create(
            [Spans.Parse("5m/10s"), Spans.Parse("1h/1m"), Spans.Parse("24h/10m")], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        _query = _messages
            .MonitorDrift(_ticks, Observable.Return(ReferenceSet.Latest([reference])), plan, Series, new DriftEvaluator(new EvaluationSettings()))
            .Subscribe(report =>
            {
                _reports++;
                _sum += report.Divergences!.Value.KlLiveVsReferenceNats;
            });

        // A pane every ten minutes fills the 24 h window; the last hour has one a minute, the last ten minutes every one.
        _now = Start - (24 * 6 * TenMinutes);
        while (_now < Start)
        {
            Publish();
            _now += _now < Start - (6 * TenMinutes) ? TenMinutes : _now < Start - TenMinutes ? 60_000 : TenSeconds;
        }

        _ticks.OnNext(_now);
        if (_reports != 3 * Series)
        {
            throw new InvalidOperationException($"{_reports} reports");
        }

        GC.Collect();
        Console.WriteLine($"// {GC.GetTotalMemory(forceFullCollection: true) / Series} bytes a series with its three windows");
    }

    [GlobalCleanup]
    public void Cleanup() => _query.Dispose();

    /// <summary>Ten minutes of panes and ticks, not measured, up to the slide on which all windows move.</summary>
    [IterationSetup(Target = nameof(EveryWindowSlides))]
    public void TenMinutesLater()
    {
        do
        {
            Publish();
            _now += TenSeconds;
            if (_now % TenMinutes != 0)
            {
                _ticks.OnNext(_now);
            }
        }
        while (_now % TenMinutes != 0);
    }

    /// <summary>All three windows of all series move and are evaluated: 30,000 evaluations.</summary>
    [Benchmark]
    public double EveryWindowSlides()
    {
        _ticks.OnNext(_now);
        return _sum;
    }

    [IterationSetup(Target = nameof(ShortestWindowSlides))]
    public void TenSecondsLater()
    {
        do
        {
            Publish();
            _now += TenSeconds;
            if (_now % 60_000 == 0)
            {
                _ticks.OnNext(_now); // the longer windows' slide, not measured
            }
        }
        while (_now % 60_000 == 0);
    }

    /// <summary>The ordinary ten seconds: only the 5 m windows move, 10,000 evaluations.</summary>
    [Benchmark]
    public double ShortestWindowSlides()
    {
        _ticks.OnNext(_now);
        return _sum;
    }

    [IterationSetup(Target = nameof(EverySeriesPublishes))]
    public void NextPane() => _ticks.OnNext(_now += TenSeconds);

    /// <summary>A new pane of every series: 10,000 registers, each merged into three windows.</summary>
    [Benchmark]
    public double EverySeriesPublishes()
    {
        Publish();
        return _sum;
    }

    private void Publish()
    {
        foreach (var series in _series)
        {
            _messages.OnNext(new PaneRegister(0, series, _now, _classes, _now, _now + 1, _now, _now + 9_999, _sums));
        }

        _messages.OnNext(new LaneProgress(0, _now - 70_000, CaughtUp: true));
    }

    private static ReferenceSnapshot Reference(ClassSpace space)
    {
        var sums = Sums(new Random(2), events: 10_000);
        var segments = Enumerable.Range(0, Series).ToDictionary(i => $"segment={i}", _ => sums);
        segments[SeriesKey.All] = sums;
        return new ReferenceSnapshot(
            "model", 1, DateTimeOffset.FromUnixTimeMilliseconds(Start), space, segments, [new ReferenceBlock(0, sums.Events, [.. sums.Mass])]);
    }

    private static PaneSums Sums(Random random, int events)
    {
        var sums = new PaneSums(Classes + 1);
        var cells = new double[Classes + 1];
        for (var i = 0; i < events; i++)
        {
            for (var k = 0; k < Classes; k++)
            {
                cells[k] = random.NextDouble();
            }

            Simplex.Softmax(cells.AsSpan(0, Classes));
            sums.Add(cells);
        }

        return sums;
    }
}
