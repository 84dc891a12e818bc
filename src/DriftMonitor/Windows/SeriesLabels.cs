using System.Runtime.InteropServices;
using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>Stage 2 of one series' labels: slides the windows of every run that has published panes of it, and adds up those that count.
/// </summary>
/// <remarks>Every run keeps its own windows, so that another one counts by being added up, and nothing is read again. Used by one thread.
/// </remarks>
internal sealed class SeriesLabels(SeriesKey series, FeedbackPlan plan, LabelRuns runs)
{
    private static readonly Attribution[] Attributions = Enum.GetValues<Attribution>();

    private readonly Dictionary<LabelRun, LabelWindow[]> _windows = []; // those by the first attribution, then those by the next
    private readonly Shown[] _shown = new Shown[Attributions.Length * plan.Windows.Windows.Length];
    private long _earliestMs = long.MaxValue;
    private bool _isChanged;
    private long _version = -1;

    /// <summary>The start of the latest pane.</summary>
    public long LatestMs { get; private set; } = long.MinValue;

    /// <summary>How many runs have windows here.</summary>
    public int Runs => _windows.Count;

    /// <summary>Takes in the value of a pane, as a run has it, and for good.</summary>
    public void Put(LabelRun run, FeedbackPaneKey key, FeedbackSums sums)
    {
        ref var windows = ref CollectionsMarshal.GetValueRefOrAddDefault(_windows, run, out _);
        windows ??= [.. Attributions.SelectMany(_ => plan.Windows.Windows, (_, spec) => new LabelWindow(spec))];
        var first = (int)key.Attribution * plan.Windows.Windows.Length;
        FeedbackSums? own = sums;
        foreach (var window in windows.AsSpan(first, plan.Windows.Windows.Length))
        {
            if (window.Spec.SlideMs == key.LengthMs)
            {
                window.Put(key.StartMs, own ?? sums.Copy());
                own = null; // windows of one slide do not share it
            }
        }

        _isChanged |= run.IsForemost || key.StartMs < _earliestMs;
        _earliestMs = Math.Min(_earliestMs, key.StartMs);
        LatestMs = Math.Max(LatestMs, key.StartMs);
    }

    /// <summary>Moves every window to a time; gives those that moved, or whose sums or completeness changed.</summary>
    /// <param name="timeMs">The time.</param>
    /// <param name="isNextPane">Whether a base pane has ended since the last call: else no window moves.</param>
    public IEnumerable<FeedbackWindow> MoveTo(long timeMs, bool isNextPane)
    {
        if (!isNextPane && !_isChanged && _version == runs.Version)
        {
            yield break;
        }

        if (_version != runs.Version)
        {
            ForgetRuns();
        }

        var mayHaveChanged = _isChanged || _version != runs.Version;
        (_isChanged, _version) = (false, runs.Version);
        for (var i = 0; i < _shown.Length; i++)
        {
            if ((mayHaveChanged || Spec(i).PaneStart(timeMs) > _shown[i].ToMs) && Move(i, timeMs))
            {
                yield return Snapshot(i);
            }
        }
    }

    /// <summary>The last windows of a series that is given up; none if it never had any.</summary>
    public IEnumerable<FeedbackWindow> Retire(long timeMs)
    {
        for (var i = 0; i < _shown.Length; i++)
        {
            if (_shown[i].Sums is not null)
            {
                Move(i, timeMs);
                yield return Snapshot(i) with { Retired = true, Complete = false };
            }
        }
    }

    /// <returns>Whether the window is another than it was.</returns>
    private bool Move(int i, long timeMs)
    {
        FeedbackSums? first = null;
        FeedbackSums? several = null;
        foreach (var (run, windows) in _windows)
        {
            windows[i].MoveTo(timeMs);
            if (run.IsForemost && first is null)
            {
                first = windows[i].Sums; // mostly the only ones: not copied
            }
            else if (run.IsForemost)
            {
                (several ??= first!.Copy()).Add(windows[i].Sums);
            }
        }

        ref var shown = ref _shown[i];
        if (first is null && shown.Sums is null)
        {
            return false; // no run that counts has ever mentioned the series
        }

        var sums = several ?? first ?? new FeedbackSums();
        var to = Math.Max(Spec(i).PaneStart(timeMs), shown.ToMs);
        var isComplete = runs.AreReadable && CoveredFromMs(AttributionOf(i)) <= to - Spec(i).LengthMs;
        if (shown.Sums is { } before)
        {
            if (shown.ToMs == to && shown.IsComplete == isComplete && before.IsSame(sums))
            {
                return false;
            }

            before.Subtract(before);
            before.Add(sums); // in place, as SlidingWindow.Put does
        }

        (shown.ToMs, shown.IsComplete) = (to, isComplete);
        shown.Sums ??= sums.Copy();
        return true;
    }

    private FeedbackWindow Snapshot(int i) => new(
        series, Spec(i), AttributionOf(i), _shown[i].ToMs, FeedbackMeasures.FromSums(_shown[i].Sums!), _shown[i].IsComplete)
    {
        Panes = _shown[i].IsComplete ? () => PaneCosts.Of(PanesOf(i)) : null,
    };

    /// <summary>The panes of a window, added up over the runs that count.</summary>
    private IEnumerable<FeedbackSums?> PanesOf(int i)
    {
        var spec = Spec(i);
        for (var startMs = _shown[i].ToMs - spec.LengthMs; startMs < _shown[i].ToMs; startMs += spec.SlideMs)
        {
            FeedbackSums? pane = null;
            foreach (var (run, windows) in _windows)
            {
                if (run.IsForemost && windows[i].PaneAt(startMs) is { } sums)
                {
                    pane = pane is null ? sums : Together(pane, sums);
                }
            }

            yield return pane;
        }

        static FeedbackSums Together(FeedbackSums one, FeedbackSums other)
        {
            var sum = one.Copy();
            sum.Add(other);
            return sum;
        }
    }

    /// <summary>From when windows have all labels of all predictions. A lost one's label may come as late as the horizon allows.</summary>
    private long CoveredFromMs(Attribution attribution)
    {
        var byHorizon = attribution == Attribution.LabelTime && runs.PredictionsLostBeforeMs > 0 ? plan.HorizonMs : 0;
        return Math.Max(_earliestMs, Math.Max(runs.LabelsLostBeforeMs, runs.PredictionsLostBeforeMs + byHorizon));
    }

    private void ForgetRuns()
    {
        foreach (var run in _windows.Keys.Where(run => run.IsGone))
        {
            _windows.Remove(run);
        }
    }

    private WindowSpec Spec(int i) => plan.Windows.Windows[i % plan.Windows.Windows.Length];

    private Attribution AttributionOf(int i) => Attributions[i / plan.Windows.Windows.Length];

    /// <summary>A window as it was given last; without sums if it never was.</summary>
    private struct Shown
    {
        public long ToMs;
        public FeedbackSums? Sums;
        public bool IsComplete;
    }
}
