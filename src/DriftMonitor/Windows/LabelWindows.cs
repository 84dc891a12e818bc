using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>The windows over the labels of all series.</summary>
/// <remarks>
/// A lane of the join is a run: it says everything anew when it takes its source partition over, and then how much of both logs that
/// covers. Which run's panes count is <see cref="RegisterVersions"/>'s to say. Used by one thread.
/// </remarks>
internal sealed class LabelWindows(FeedbackPlan plan, SeriesPlaces places, RefusedRegisters refused, MemoryBudget memory)
{
    private const int WeightOfPane = 35; // sums of fixed size and an entry of a window's panes: 560 bytes

    private readonly MemoryShare _share = new(memory);
    private readonly long _weightOfRun =
        plan.Windows.Windows.Sum(window => window.Panes + 2L) * Enum.GetValues<Attribution>().Length * WeightOfPane;
    private readonly Dictionary<SeriesKey, SeriesLabels> _series = [];
    private readonly LabelRuns _runs = new();
    private long _paneMs = long.MinValue;

    /// <summary>Takes the value of a pane in.</summary>
    public void Apply(FeedbackRegister register)
    {
        var (run, key) = (_runs.Hear(register.SourcePartition, register.RunId), register.Key);
        if (key.StartMs % key.LengthMs != 0 || !plan.Levels.Any(level => level.PaneMs == key.LengthMs))
        {
            return; // of other windows, which the run's progress tells
        }

        var labels = _series.GetValueOrDefault(key.Series);
        var runs = labels?.Runs ?? 1; // the first run of a new series is covered with its place
        if (labels is null)
        {
            if (!places.TryTake(key.Series))
            {
                refused.Add(register, RegisterRefusal.SeriesLimit);
                return;
            }

            if (!_share.TryCover(_share.Cells + _weightOfRun))
            {
                places.Release(key.Series);
                refused.Add(register, RegisterRefusal.MemoryLimit);
                return;
            }

            _series.Add(key.Series, labels = new SeriesLabels(key.Series, plan, _runs));
        }

        labels.Put(run, key, register.Sums);
        _share.Cover(_share.Cells + ((labels.Runs - runs) * _weightOfRun));
    }

    /// <summary>Takes in how much a run has read.</summary>
    public void Apply(FeedbackProgress progress)
    {
        _runs.Apply(progress);
        refused.ForgetLabels(progress.SourcePartition, progress.AsOfMs - plan.Windows.SilenceMs);
    }

    /// <summary>Takes in that labels and predictions before a time may be missing.</summary>
    public void Apply(LabelsLost lost) => _runs.NoteLoss(lost.BeforeMs, lost.BeforeMs);

    /// <summary>Gives all memory back.</summary>
    public void Release() => _share.Fit(0);

    /// <summary>Moves every window to a time; gives those that moved, or whose sums or completeness changed.</summary>
    public IEnumerable<FeedbackWindow> MoveTo(long timeMs)
    {
        var isNextPane = plan.Windows.PaneStart(timeMs) > _paneMs;
        _paneMs = Math.Max(_paneMs, plan.Windows.PaneStart(timeMs));
        foreach (var (key, labels) in _series)
        {
            var runs = labels.Runs;
            var isSilent = labels.LatestMs < timeMs - plan.Windows.SilenceMs;
            foreach (var window in isSilent ? labels.Retire(timeMs) : labels.MoveTo(timeMs, isNextPane))
            {
                yield return window;
            }

            if (isSilent)
            {
                _series.Remove(key);
                places.Release(key);
                _share.Fit(_share.Cells - (runs * _weightOfRun));
            }
            else
            {
                _share.Fit(_share.Cells - ((runs - labels.Runs) * _weightOfRun));
            }
        }
    }
}
