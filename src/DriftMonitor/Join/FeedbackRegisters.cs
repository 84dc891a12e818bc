namespace DriftMonitor.Join;

/// <summary>What the lanes of the join have said of some series, and the windows over it.</summary>
/// <remarks>
/// A lane is a run: it says everything anew when it takes its source partition over, and then how much of both logs that covers.
/// Of the runs of one partition the one that has read most speaks for it, alone. So a late word of one that was killed, or has
/// lost the partition, does no harm: its values are never mixed with its successor's, which reads on until it has read more. (A version a
/// pane would not do: a predecessor may have read further in one log, a successor in the other, and neither value be the later one.)
/// A lane that lives says its progress at every beat. One that is silent for <see cref="WindowPlan.IdlePatienceMs"/> while another is heard
/// of does not speak: it may have read most for ever, of a log that was made anew since. By the records' own times, so all replicas agree.
/// Used by one thread.
/// </remarks>
public sealed class FeedbackRegisters(FeedbackPlan plan)
{
    private const int MaxRuns = 4;

    private readonly Dictionary<int, List<Run>> _sources = [];
    private readonly Dictionary<SeriesKey, long> _earliestMs = [];
    private long _labelsLostBeforeMs;
    private long _predictionsLostBeforeMs;

    /// <summary>Takes the value of a pane in.</summary>
    public void Add(FeedbackRegister register)
    {
        ArgumentNullException.ThrowIfNull(register);
        var (key, panes) = (register.Key, Of(register.SourcePartition, register.RunId).Panes);
        if (!panes.TryGetValue(key.Series, out var ofSeries))
        {
            panes[key.Series] = ofSeries = [];
        }

        ofSeries[(key.Attribution, key.LengthMs, key.StartMs)] = register.Sums;
        _earliestMs[key.Series] = Math.Min(_earliestMs.GetValueOrDefault(key.Series, long.MaxValue), key.StartMs);
    }

    /// <summary>
    /// Takes in how much a run has read. No window is complete while a source partition's panes are not those of this plan.
    /// </summary>
    public void Add(FeedbackProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var one = Of(progress.SourcePartition, progress.RunId);
        (one.Records, one.IsReadable) = (progress.Records, progress.Unreadable is null);
        one.LastSeenMs = Math.Max(one.LastSeenMs, progress.AsOfMs);
        var all = _sources[progress.SourcePartition];
        var livingMs = LivingMs(all);
        all.RemoveAll(
            other => other.LastSeenMs < livingMs && other.Records >= 0 && other.Records <= progress.Records); // it has no more to say
        AddLoss(progress.LabelsLostBeforeMs, progress.PredictionsLostBeforeMs);
    }

    /// <summary>Takes in before which times labels and predictions may be missing: never undone by one who knows of no loss.</summary>
    public void AddLoss(long labelsBeforeMs, long predictionsBeforeMs)
    {
        _labelsLostBeforeMs = Math.Max(_labelsLostBeforeMs, labelsBeforeMs);
        _predictionsLostBeforeMs = Math.Max(_predictionsLostBeforeMs, predictionsBeforeMs);
    }

    /// <summary>From when windows have all labels of all predictions. A lost one's label may come as late as the horizon allows.</summary>
    private long CoveredFromMs(SeriesKey series, Attribution attribution) => Math.Max(
        _earliestMs.GetValueOrDefault(series, long.MaxValue),
        Math.Max(
            _labelsLostBeforeMs, attribution == Attribution.LabelTime && _predictionsLostBeforeMs > 0
                ? _predictionsLostBeforeMs + plan.HorizonMs
                : _predictionsLostBeforeMs));

    /// <summary>Every series' windows as of a time, each ending at the last multiple of its slide. Forgets what none reaches.</summary>
    public IEnumerable<FeedbackWindow> Windows(long atMs)
    {
        var foremost = _sources.Values.Select(Foremost).Where(run => run.Records >= 0).ToList();
        foreach (var run in _sources.Values.SelectMany(all => all))
        {
            Forget(run, atMs);
        }

        var readable = foremost.TrueForAll(run => run.IsReadable);
        var all = foremost.SelectMany(run => run.Panes.Keys).Distinct().ToList();
        foreach (var gone in _earliestMs.Keys
            .Where(series => !_sources.Values.Any(sources => sources.Exists(source => source.Panes.ContainsKey(series))))
            .ToList())
        {
            _earliestMs.Remove(gone);
        }

        foreach (var series in all)
        {
            var panes = foremost.Select(
                run => run.Panes.GetValueOrDefault(series)).OfType<Dictionary<(Attribution, long, long), FeedbackSums>>().ToList();
            foreach (var window in plan.Windows.Windows)
            {
                var to = atMs / window.SlideMs * window.SlideMs;
                foreach (var attribution in Enum.GetValues<Attribution>())
                {
                    var isComplete = readable && CoveredFromMs(series, attribution) <= to - window.LengthMs;
                    yield return new FeedbackWindow(
                        series, window, attribution, to, FeedbackMeasures.FromSums(Sum(panes, window, attribution, to)), isComplete);
                }
            }
        }
    }

    private static FeedbackSums Sum(
        List<Dictionary<(Attribution, long, long), FeedbackSums>> sources, WindowSpec window, Attribution attribution, long to)
    {
        var total = new FeedbackSums();
        foreach (var panes in sources)
        {
            for (var start = to - window.LengthMs; start < to; start += window.SlideMs)
            {
                if (panes.TryGetValue((attribution, window.SlideMs, start), out var pane))
                {
                    total.Add(pane);
                }
            }
        }

        return total;
    }

    private void Forget(Run run, long atMs)
    {
        foreach (var (series, panes) in run.Panes)
        {
            foreach (var key in panes.Keys
                .Where(key => plan.Levels.All(level => level.PaneMs != key.LengthMs || key.StartMs < atMs - level.ReachMs)))
            {
                panes.Remove(key);
            }

            if (panes.Count == 0)
            {
                run.Panes.Remove(series);
            }
        }
    }

    /// <summary>The one that has read most of those that may still be living.</summary>
    private static Run Foremost(List<Run> all)
    {
        var livingMs = LivingMs(all);
        return all.Where(one => one.LastSeenMs >= livingMs).MaxBy(one => one.Records)!;
    }

    private static long LivingMs(List<Run> all) => all.Max(one => one.LastSeenMs) - WindowPlan.IdlePatienceMs;

    private Run Of(int source, ulong id)
    {
        if (!_sources.TryGetValue(source, out var all))
        {
            _sources[source] = all = [];
        }

        var known = all.Find(run => run.Id == id);
        if (known is null)
        {
            known = new Run(id);
            if (all.Count == MaxRuns)
            {
                // The one that has not spoken for longest, but never the one that speaks for the partition.
                all.Remove(all.First(run => run != Foremost(all)));
            }
        }
        else
        {
            all.Remove(known);
        }

        all.Add(known);
        return known;
    }

    private sealed class Run(ulong id)
    {
        public ulong Id => id;

        /// <summary>−1 until everything has been said once.</summary>
        public long Records { get; set; } = -1;

        /// <summary>When it last said how much it has read.</summary>
        public long LastSeenMs { get; set; }

        public bool IsReadable { get; set; } = true;

        public Dictionary<SeriesKey, Dictionary<(Attribution Attribution, long LengthMs, long StartMs), FeedbackSums>> Panes { get; } = [];
    }
}
