using System.Collections.Immutable;
using System.Globalization;
using System.Reactive.Subjects;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// What a second of stage 2 costs with 10,000 labelled series over the default three windows, all of their panes filled: registers taken
/// in, windows moved, each window's alarms followed and its values put where they are exported from.
/// <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- labels</c>
/// </summary>
internal sealed class LabelsMeasurement
{
    private const int Count = 10_000;
    private const int Seconds = 600; // every window slides
    private const long StartMs = Payloads.StartMs;

    private readonly FeedbackPlan _plan = new(DefaultPlan.Create(), TimeSpan.FromHours(1));
    private readonly Subject<PaneMessage> _messages = new();
    private readonly Subject<long> _ticksMs = new();
    private readonly FeedbackWindows _exported;
    private readonly SeriesKey[] _series =
        [
            .. Enumerable.Range(0, Count).Select(
                i => new SeriesKey(string.Create(CultureInfo.InvariantCulture, $"model-{i:D5}"), SeriesKey.All))];

    private readonly FeedbackSums[] _panes = [.. Enumerable.Range(1, 17).Select(Pane)];
    private int _next;
    private long _windows;

    private LabelsMeasurement()
    {
        var thresholds = new ThresholdsInForce(
            new AlarmSettings(new(default, new(1, 2), default), ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty),
            _plan.Windows.Windows,
            100,
            new Calibrations(1));
        var alarms = new AlarmWatch(thresholds, new DriftEvaluator(new EvaluationSettings()));
        _exported = new FeedbackWindows(thresholds);
        _messages.SlideWindows(_ticksMs, _plan.Windows, Count, labels: _plan).Subscribe(said =>
        {
            var window = (FeedbackWindow)said;
            alarms.Note(_exported.Update(window)!);
            _windows++;
        });
    }

    public static void Run() => new LabelsMeasurement().Measure();

    private void Measure()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var window in _plan.Windows.Windows)
        {
            for (var start = window.PaneStart(StartMs) - window.LengthMs; start < StartMs; start += window.SlideMs)
            {
                foreach (var series in _series)
                {
                    Put(series, window.SlideMs, start, start);
                }
            }
        }

        Tick(StartMs);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} labelled series: {bytes / 1e9:0.0} GB, {bytes / 1e3 / Count:0} kB a series in "
            + $"{_plan.Windows.Windows.Sum(w => 2 * w.Panes)} panes"));
        Console.WriteLine("| labels | registers/s | windows/s | CPU, one core |\n|---|---:|---:|---:|");
        var nowMs = Second("none", StartMs, every: 0);
        nowMs = Second("each series once in ten seconds", nowMs, every: 10);
        Second("each series once a second", nowMs, every: 1);
    }

    private long Second(string labels, long fromMs, int every)
    {
        var registers = 0L;
        _windows = 0;
        var before = Environment.CpuUsage.TotalTime;
        for (var second = 0; second < Seconds; second++)
        {
            var nowMs = fromMs + (second * 1_000L);
            for (var i = every == 0 ? Count : second % every; i < Count; i += every)
            {
                foreach (var (slideMs, _) in _plan.Levels)
                {
                    Put(_series[i], slideMs, nowMs / slideMs * slideMs, (nowMs - 60_000) / slideMs * slideMs);
                    registers += 2;
                }
            }

            Tick(_plan.Windows.PaneStart(nowMs));
        }

        var cpu = Environment.CpuUsage.TotalTime - before;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {labels} | {registers / Seconds} | {_windows / Seconds} | {cpu.TotalSeconds / Seconds * 100:0.0} % |"));
        return fromMs + (Seconds * 1_000L);
    }

    /// <summary>A register of a pane by the time of labels, and one by that of predictions, as decoding makes them.</summary>
    private void Put(SeriesKey series, long slideMs, long labelMs, long predictionMs)
    {
        _messages.OnNext(Register(Attribution.LabelTime, labelMs));
        _messages.OnNext(Register(Attribution.PredictionTime, predictionMs));

        FeedbackRegister Register(Attribution attribution, long startMs) =>
            new(0, 1, new FeedbackPaneKey(series, attribution, slideMs, startMs), _panes[_next++ % _panes.Length].Copy());
    }

    private void Tick(long nowMs)
    {
        _messages.OnNext(new FeedbackProgress(0, 1, _next, nowMs));
        _ticksMs.OnNext(nowMs);
    }

    /// <summary>Twenty predictions, some of them labelled.</summary>
    private static FeedbackSums Pane(int labels)
    {
        var random = new Random(labels);
        var sums = new FeedbackSums { Predictions = 20 };
        for (var i = 0; i < labels; i++)
        {
            var units = random.NextInt64(1L << 32);
            sums.Change(new FeedbackOutcome(units, units, 0, units, units, i % 4 > 0, Soft: false, Capped: false), subtract: false);
        }

        return sums;
    }
}
