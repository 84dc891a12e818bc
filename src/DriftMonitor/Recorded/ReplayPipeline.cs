using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.References;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Replay;

/// <summary>The monitor's pipeline over what was recorded: one lane, no Kafka between the stages, and event time as the only clock.</summary>
/// <remarks>
/// Every window of every slide is evaluated once, when no event can come for it any more. The own time of a line in a file stands for
/// its record's. As in the service, a series has no windows before its first event, nor after a long silence. The same file gives the same reports, bit for bit,
/// and so does one whose lines are out of order by no more than the allowed lateness, unless a series is given up for silence meanwhile.
/// </remarks>
internal sealed class ReplayPipeline
{
    private readonly WindowPlan _plan;
    private readonly PredictionDecoder _decoder;
    private readonly string? _model;
    private readonly PredictionRecord _record = new();
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<PublishTick> _publishTicks = new();
    private readonly Subject<long> _ticksMs = new();
    private readonly SortedDictionary<RejectionReason, long> _rejected = [];
    private readonly List<DriftReport> _reports = [];
    private readonly Action<DriftReport> _onReport;
    private long? _clockMs;
    private long _windowsAtMs;

    /// <param name="plan">The windows.</param>
    /// <param name="decoder">What reads the records; its models know the references' class spaces.</param>
    /// <param name="model">The model of records that name none, null when all do.</param>
    /// <param name="references">What windows are compared with.</param>
    /// <param name="evaluator">What compares them.</param>
    /// <param name="onReport">Called with each report, in the order of time, model and segment.</param>
    public ReplayPipeline(
        WindowPlan plan, PredictionDecoder decoder, string? model, ReferenceSet references, DriftEvaluator evaluator, Action<DriftReport> onReport)
    {
        _plan = plan;
        _decoder = decoder;
        _model = model;
        _onReport = onReport;
        _records
            .AddIntoPanes(_publishTicks, sourcePartition: 0, plan, (_, reason) => _rejected[reason] = _rejected.GetValueOrDefault(reason) + 1)
            .SelectMany(Messages)
            .MonitorDrift(_ticksMs, Observable.Return(references), plan, maxSeries: int.MaxValue, evaluator)
            .Where(report => !report.Window.Retired && BeginsBeforeTheEnd(report.Window))
            .Subscribe(_reports.Add);
    }

    /// <summary>How many records were read.</summary>
    public long Lines { get; private set; }

    /// <summary>The time of the earliest event that counts, epoch milliseconds; null before the first.</summary>
    public long? FirstEventMs { get; private set; }

    /// <summary>The time of the latest event that counts, epoch milliseconds; null before the first.</summary>
    public long? LastEventMs { get; private set; }

    /// <summary>How many records count in no window, by reason.</summary>
    public IReadOnlyDictionary<RejectionReason, long> Rejected => _rejected;

    /// <summary>Reads the next record.</summary>
    public void Read(RecordedPrediction recorded)
    {
        _decoder.Decode(recorded.Value, recorded.Format, recorded.Headers, _model, recorded.Key, _record);
        if (_record.Rejection == RejectionReason.None && (_record.PayloadTimeMs ?? recorded.TimeMs) is null)
        {
            _record.Reject(RejectionReason.InvalidTimestamp); // nothing else tells the time of a line in a file
        }

        _record.Offset = Lines++;
        if (_record.Rejection == RejectionReason.None)
        {
            _record.RecordTimeMs = recorded.TimeMs ?? _record.EventTimeMs;
            var olderMs = _record.RecordTimeMs - _record.EventTimeMs;
            if (olderMs <= _plan.AllowedLatenessMs && -olderMs <= _plan.AllowedSkewMs) // else the lane turns it away, and its clock stands
            {
                MoveClock(_record.RecordTimeMs);
                FirstEventMs = Math.Min(FirstEventMs ?? long.MaxValue, _record.EventTimeMs);
                LastEventMs = Math.Max(LastEventMs ?? long.MinValue, _record.EventTimeMs);
            }
        }

        _records.OnNext(_record);
    }

    /// <summary>Evaluates what is left: up to the slide that holds the last event.</summary>
    public void Complete()
    {
        if (_clockMs is { } latest)
        {
            var longestSlide = _plan.Windows.Max(window => window.SlideMs);
            MoveWindows((latest / longestSlide * longestSlide) + longestSlide, latest);
        }

        _records.OnCompleted();
        _ticksMs.OnCompleted();
    }

    /// <summary>Whether the window's last slide begins within the file's time; with several slides the shorter ones would run on empty.</summary>
    private bool BeginsBeforeTheEnd(LiveWindow window) => window.ToMs - window.Window.SlideMs <= _clockMs;

    private static IEnumerable<PaneMessage> Messages(LanePublication publication) => [.. publication.Registers, publication.Progress];

    /// <summary>Before an event moves the clock on, the windows move over what closes with it.</summary>
    private void MoveClock(long recordMs)
    {
        var closedTo = _plan.PaneStart(_plan.ClosedBefore(recordMs) - 1);
        if (_clockMs is not { } latest)
        {
            (_clockMs, _windowsAtMs) = (recordMs, closedTo); // nothing earlier can come
        }
        else if (recordMs > latest)
        {
            _clockMs = recordMs;
            MoveWindows(closedTo, latest);
        }
    }

    /// <summary>Slide by slide, as long as any series is left: neither a gap of years nor a line that is years ahead takes time.</summary>
    private void MoveWindows(long toMs, long latestEventMs)
    {
        if (toMs <= _windowsAtMs)
        {
            return;
        }

        _publishTicks.OnNext(new PublishTick(toMs, CaughtUp: true));
        for (var at = _windowsAtMs + _plan.BasePaneMs; at <= toMs && at - _plan.BasePaneMs <= latestEventMs + _plan.SilenceMs; at += _plan.BasePaneMs)
        {
            Slide(at);
        }

        _windowsAtMs = toMs;
    }

    /// <summary>The reports of one moment come in the order of their names, not in that in which the file first named them.</summary>
    private void Slide(long toMs)
    {
        _ticksMs.OnNext(toMs);
        foreach (var report in _reports
            .OrderBy(report => report.Window.Series.Model, StringComparer.Ordinal)
            .ThenBy(report => report.Window.Series.Segment, StringComparer.Ordinal))
        {
            _onReport(report);
        }

        _reports.Clear();
    }
}
