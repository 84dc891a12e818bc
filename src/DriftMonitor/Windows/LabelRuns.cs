using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>The runs of the join's lanes, source partition by source partition, and what is known to be missing from their panes.</summary>
/// <remarks>Used by one thread.</remarks>
internal sealed class LabelRuns
{
    private const int MaxRuns = 4; // of a source partition

    private readonly Dictionary<int, List<LabelRun>> _sources = [];

    /// <summary>Grows whenever other runs count, or completeness may have changed.</summary>
    public long Version { get; private set; }

    /// <summary>Whether the panes that count are all those of this plan.</summary>
    public bool AreReadable { get; private set; } = true;

    /// <summary>Labels before this time may be missing; 0 when none are.</summary>
    public long LabelsLostBeforeMs { get; private set; }

    /// <summary>Predictions before this time may be missing; 0 when none are.</summary>
    public long PredictionsLostBeforeMs { get; private set; }

    /// <summary>The run of a source partition's lane, which is known from now on, and has spoken last.</summary>
    public LabelRun Hear(int source, ulong id)
    {
        if (!_sources.TryGetValue(source, out var runs))
        {
            _sources[source] = runs = [];
        }

        var known = runs.Find(run => run.Id == id) ?? new LabelRun(id);
        if (!runs.Remove(known) && runs.Count == MaxRuns)
        {
            Remove(runs, run => run == runs.First(other => !other.IsForemost)); // the one that has not spoken for longest
        }

        runs.Add(known);
        return known;
    }

    /// <summary>Takes in how much a run has read. Runs that have no more to say are forgotten.</summary>
    public void Apply(FeedbackProgress progress)
    {
        var run = Hear(progress.SourcePartition, progress.RunId);
        (run.Records, run.IsReadable) = (progress.Records, progress.Unreadable is null);
        run.LastSeenMs = Math.Max(run.LastSeenMs, progress.AsOfMs);
        var runs = _sources[progress.SourcePartition];
        var livingMs = RegisterVersions.LivingMs(runs);
        Remove(runs, other => other.LastSeenMs < livingMs && other.Records >= 0 && other.Records <= progress.Records);
        Choose(runs);
        NoteLoss(progress.LabelsLostBeforeMs, progress.PredictionsLostBeforeMs);
    }

    /// <summary>Takes in before which times labels and predictions may be missing: never undone by one who knows of no loss.</summary>
    public void NoteLoss(long labelsBeforeMs, long predictionsBeforeMs)
    {
        if (labelsBeforeMs > LabelsLostBeforeMs || predictionsBeforeMs > PredictionsLostBeforeMs)
        {
            Version++;
            LabelsLostBeforeMs = Math.Max(LabelsLostBeforeMs, labelsBeforeMs);
            PredictionsLostBeforeMs = Math.Max(PredictionsLostBeforeMs, predictionsBeforeMs);
        }
    }

    private void Choose(List<LabelRun> runs)
    {
        var before = runs.Find(run => run.IsForemost);
        var foremost = RegisterVersions.Foremost(runs, before);
        if (foremost != before)
        {
            Version++;
            runs.ForEach(run => run.IsForemost = run == foremost);
        }

        var areReadable = !_sources.Values.Any(all => all.Exists(run => run is { IsForemost: true, IsReadable: false }));
        Version += areReadable != AreReadable ? 1 : 0;
        AreReadable = areReadable;
    }

    private void Remove(List<LabelRun> runs, Predicate<LabelRun> which)
    {
        foreach (var gone in runs.FindAll(which))
        {
            gone.IsGone = true;
            runs.Remove(gone);
            Version++;
        }
    }
}
