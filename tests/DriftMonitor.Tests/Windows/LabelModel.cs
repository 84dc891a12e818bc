using DriftMonitor.Join;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Windows;

/// <summary>
/// The windows of labels, said the long way: all registers are kept, and each window is summed anew when it is asked for.
/// </summary>
internal sealed class LabelModel(FeedbackPlan plan)
{
    private readonly Dictionary<int, List<Run>> _sources = [];

    /// <summary>Takes a register or progress in.</summary>
    public void Take(PaneMessage message)
    {
        switch (message)
        {
            case FeedbackRegister register:
                Of(register.SourcePartition, register.RunId).Panes[register.Key] = register.Sums;
                break;
            case FeedbackProgress progress:
                var run = Of(progress.SourcePartition, progress.RunId);
                (run.Records, run.LastSeenMs) = (progress.Records, Math.Max(run.LastSeenMs, progress.AsOfMs));
                var runs = _sources[progress.SourcePartition];
                var livingMs = runs.Max(one => one.LastSeenMs) - WindowPlan.IdlePatienceMs;
                runs.RemoveAll(other => other.LastSeenMs < livingMs && other.Records >= 0 && other.Records <= progress.Records);
                var most = runs.Where(one => one.LastSeenMs >= livingMs).Max(one => one.Records);
                var best = runs.Where(one => one.LastSeenMs >= livingMs && one.Records == most && most >= 0).ToList();
                var foremost = best.Find(one => one.IsForemost) ?? best.FirstOrDefault();
                runs.ForEach(one => one.IsForemost = one == foremost);
                break;
        }
    }

    /// <summary>The sum of the panes that a window covers, of the runs that count.</summary>
    public FeedbackSums Sum(Attribution attribution, WindowSpec window, long toMs)
    {
        Assert.Contains(window, plan.Windows.Windows);
        var sums = new FeedbackSums();
        foreach (var run in _sources.Values.SelectMany(runs => runs).Where(run => run.IsForemost))
        {
            foreach (var (key, pane) in run.Panes)
            {
                if (key.Attribution == attribution && key.LengthMs == window.SlideMs
                    && key.StartMs >= toMs - window.LengthMs && key.StartMs < toMs)
                {
                    sums.Add(pane);
                }
            }
        }

        return sums;
    }

    private Run Of(int source, ulong id)
    {
        var runs = _sources.TryGetValue(source, out var known) ? known : _sources[source] = [];
        if (runs.Find(run => run.Id == id) is not { } run)
        {
            runs.Add(run = new Run(id));
        }

        return run;
    }

    private sealed class Run(ulong id)
    {
        public ulong Id => id;

        public long Records { get; set; } = -1;

        public long LastSeenMs { get; set; }

        public bool IsForemost { get; set; }

        public Dictionary<FeedbackPaneKey, FeedbackSums> Panes { get; } = [];
    }
}
