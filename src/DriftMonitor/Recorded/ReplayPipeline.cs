using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Runtime.ExceptionServices;
using DriftMonitor.Evaluation;
using DriftMonitor.Lanes;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Recorded;

/// <summary>The monitor's pipeline over recorded data: one lane, no Kafka between the stages, and event time as the only clock.</summary>
/// <remarks>
/// Every window of every slide is evaluated once, when no event can come for it any more. The own time of a line in a file stands for
/// its record's. As in the service, a series has no windows before its first event, nor after a long silence. The same file gives the same
/// reports, bit for bit, and so does one whose lines are out of order by no more than the allowed lateness, unless a series is given up for
/// silence meanwhile.
/// </remarks>
public sealed class ReplayPipeline
{
    private readonly WindowPlan _plan;
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<PublishTick> _publishTicks = new();
    private readonly Subject<long> _ticksMs = new();
    private readonly SortedDictionary<RejectionReason, long> _rejected = [];
    private readonly List<DriftReport> _reports = [];
    private readonly List<ClassesOutvoted> _classChanges = [];
    private readonly Action<DriftReport> _onReport;
    private readonly Action<RejectionReason>? _onRefused;
    private long? _clockMs;
    private long _windowsAtMs;

    /// <param name="plan">The windows.</param>
    /// <param name="references">What windows are compared with.</param>
    /// <param name="evaluator">What compares them.</param>
    /// <param name="onReport">Called with each report, in the order of time, model and segment.</param>
    /// <param name="onRefused">Called with why the prediction that is being read counts in no window: late or future.</param>
    public ReplayPipeline(
        WindowPlan plan, ReferenceSet references, DriftEvaluator evaluator, Action<DriftReport> onReport,
        Action<RejectionReason>? onRefused = null)
    {
        _onRefused = onRefused;
        _plan = plan;
        _onReport = onReport;
        _records
            .AddIntoPanes(_publishTicks, sourcePartition: 0, plan)
            .SelectMany(Messages)
            .SlideWindows(_ticksMs, plan, maxSeries: int.MaxValue)
            .CompareWithRest(plan.Compared)
            .CombineWithReference(Observable.Return(references), evaluator)
            .Subscribe(Take);
    }

    /// <summary>How many records were read.</summary>
    public long Lines { get; private set; }

    /// <summary>The time of the earliest event that counts, epoch milliseconds; null before the first.</summary>
    public long? FirstEventMs { get; private set; }

    /// <summary>The time of the latest event that counts, epoch milliseconds; null before the first.</summary>
    public long? LastEventMs { get; private set; }

    /// <summary>How many records count in no window, by reason.</summary>
    public IReadOnlyDictionary<RejectionReason, long> Rejected => _rejected;

    /// <summary>How many predictions count in no window, since one with their id came before them.</summary>
    public long Duplicates { get; private set; }

    /// <summary>The models whose inferred classes gave way to others, in the order of time.</summary>
    public IReadOnlyList<ClassesOutvoted> ClassChanges => _classChanges;

    /// <summary>How many events count in no window, since their classes were not in force, in each of their series.</summary>
    public long OtherClasses { get; private set; }

    /// <summary>Reads all predictions, and evaluates up to the slide that holds the last event.</summary>
    /// <param name="predictions">Each with its offset and its record's time; a record is not used after the next.</param>
    public void Run(IObservable<PredictionRecord> predictions)
    {
        predictions.Subscribe(Read);
        Complete();
    }

    private void Take(StageEvent said)
    {
        if (said is FailedEvaluation failed)
        {
            ExceptionDispatchInfo.Throw(failed.Fault);
        }

        if (said is ClassesOutvoted change)
        {
            _classChanges.Add(change);
        }

        OtherClasses += said is RefusedEvents { Reason: RegisterRefusal.OtherClasses, Events: var events } ? events : 0;
        if (said is DriftReport report && !report.Window.Retired && BeginsBeforeTheEnd(report.Window))
        {
            _reports.Add(report);
        }
    }

    private void Read(PredictionRecord record)
    {
        Lines++;
        if (record.Rejection == RejectionReason.None
            && !record.IsIgnored
            && Lateness.Check(_plan, record.EventTimeMs, record.RecordTimeMs) == RejectionReason.None) // else rejected; the clock stands
        {
            MoveClock(record.RecordTimeMs);
            FirstEventMs = Math.Min(FirstEventMs ?? long.MaxValue, record.EventTimeMs);
            LastEventMs = Math.Max(LastEventMs ?? long.MinValue, record.EventTimeMs);
        }

        _records.OnNext(record);
    }

    private void Complete()
    {
        if (_clockMs is { } latest)
        {
            var longestSlide = _plan.Windows.Max(window => window.SlideMs);
            MoveWindows((latest / longestSlide * longestSlide) + longestSlide, latest);
        }

        _records.OnCompleted();
        _ticksMs.OnCompleted();
    }

    /// <summary>Whether the window's last slide begins within the file's time; of several slides the shorter would run on empty.</summary>
    private bool BeginsBeforeTheEnd(LiveWindow window) => window.ToMs - window.Window.SlideMs <= _clockMs;

    private IEnumerable<PaneMessage> Messages(StageEvent said)
    {
        if (said is RejectedRecord rejected)
        {
            _rejected[rejected.Reason] = _rejected.GetValueOrDefault(rejected.Reason) + 1;
            if (rejected.Record.Rejection == RejectionReason.None)
            {
                _onRefused?.Invoke(rejected.Reason);
            }
        }

        Duplicates += said is DuplicateRecord ? 1 : 0;
        return said is LanePublication publication ? [.. publication.Registers, publication.Progress] : [];
    }

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
        for (
            var at = _windowsAtMs + _plan.BasePaneMs; at <= toMs
                && at - _plan.BasePaneMs <= latestEventMs + _plan.SilenceMs; at += _plan.BasePaneMs)
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
