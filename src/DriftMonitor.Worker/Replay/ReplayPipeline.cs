using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.References;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Replay;

/// <summary>The monitor's pipeline over a file: one lane, no Kafka between the stages, and event time as the only clock.</summary>
/// <remarks>
/// Every window of every slide is evaluated once, when no event can come for it any more. A line's own time stands for its record's.
/// The same file gives the same reports, bit for bit.
/// </remarks>
internal sealed class ReplayPipeline
{
    private readonly WindowPlan _plan;
    private readonly PredictionJsonDecoder _decoder;
    private readonly string? _model;
    private readonly PredictionRecord _record = new();
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<bool> _publishTicks = new();
    private readonly Subject<long> _ticksMs = new();
    private readonly SortedDictionary<RejectionReason, long> _rejected = [];
    private long _earliestMs = long.MaxValue;
    private long _latestMs = long.MinValue;
    private long _clockMs = long.MinValue;
    private long _windowsAtMs = long.MinValue;

    /// <param name="plan">The windows.</param>
    /// <param name="decoder">What reads the lines; its models know the references' class spaces.</param>
    /// <param name="model">The model of lines that name none, null when all do.</param>
    /// <param name="references">What windows are compared with.</param>
    /// <param name="evaluator">What compares them.</param>
    /// <param name="onReport">Called with each report, in the order of time.</param>
    public ReplayPipeline(
        WindowPlan plan, PredictionJsonDecoder decoder, string? model, ReferenceSet references, DriftEvaluator evaluator, Action<DriftReport> onReport)
    {
        _plan = plan;
        _decoder = decoder;
        _model = model;
        _records
            .AddIntoPanes(_publishTicks, sourcePartition: 0, plan, (_, reason) => _rejected[reason] = _rejected.GetValueOrDefault(reason) + 1)
            .SelectMany(Messages)
            .MonitorDrift(_ticksMs, Observable.Return(references), plan, maxSeries: int.MaxValue, evaluator)
            .Where(report => !report.Window.Retired && HoldsTimeOfEvents(report.Window))
            .Subscribe(onReport);
    }

    /// <summary>How many lines were read.</summary>
    public long Lines { get; private set; }

    /// <summary>How many lines count in no window, by reason.</summary>
    public IReadOnlyDictionary<RejectionReason, long> Rejected => _rejected;

    /// <summary>Reads the next line.</summary>
    public void Read(ReadOnlySpan<byte> line)
    {
        _decoder.Decode(line, _model, default, _record);
        if (_record.Rejection == RejectionReason.None && _record.PayloadTimeMs is null)
        {
            _record.Reject(RejectionReason.InvalidTimestamp); // nothing else tells the time of a line in a file
        }

        _record.Offset = Lines++;
        var accepted = _record.Rejection == RejectionReason.None;
        if (accepted)
        {
            _record.RecordTimeMs = _record.EventTimeMs;
            _earliestMs = Math.Min(_earliestMs, _record.EventTimeMs);
            _latestMs = Math.Max(_latestMs, _record.EventTimeMs);
            _clockMs = Math.Max(_clockMs, _record.RecordTimeMs);
        }

        _records.OnNext(_record);
        if (accepted)
        {
            MoveWindows(_plan.PaneStart(_plan.ClosedBefore(_clockMs) - 1));
        }
    }

    /// <summary>Evaluates what is left: up to the slide that holds the last event.</summary>
    public void Complete()
    {
        if (_latestMs != long.MinValue)
        {
            var longestSlide = _plan.Windows.Max(window => window.SlideMs);
            MoveWindows((_latestMs / longestSlide * longestSlide) + longestSlide);
        }

        _records.OnCompleted();
        _ticksMs.OnCompleted();
    }

    /// <summary>Whether the window's last slide lies within the file's time; with several slides the shorter ones would run on empty.</summary>
    private bool HoldsTimeOfEvents(LiveWindow window) =>
        window.ToMs > _earliestMs && window.ToMs - window.Window.SlideMs <= _latestMs;

    private static IEnumerable<PaneMessage> Messages(LanePublication publication) =>
        publication.Progress is { } progress ? [.. publication.Registers, progress] : publication.Registers;

    private void MoveWindows(long toMs)
    {
        var from = Math.Max(_windowsAtMs, _plan.PaneStart(_earliestMs));
        if (toMs <= from)
        {
            return;
        }

        _publishTicks.OnNext(true);
        for (var at = from + _plan.BasePaneMs; at <= toMs; at += _plan.BasePaneMs)
        {
            _ticksMs.OnNext(at);
        }

        _windowsAtMs = toMs;
    }
}
