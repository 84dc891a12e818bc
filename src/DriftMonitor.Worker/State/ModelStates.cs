using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The state of every model that this replica knows: those whose windows it owns, and those whose records it rejects.</summary>
/// <remarks>
/// Which state it is follows from what is known at a <see cref="Refresh"/>; since when is the only thing that is remembered, and is as
/// exact as they are frequent: with every slide, scrape and question. Thread-safe; readers take no locks.
/// </remarks>
internal sealed class ModelStates(
    ReportStore reports, UsedReferences references, RecentRecords records, ThresholdsInForce thresholds, TimeProvider time)
{
    /// <summary>How long a model is shown as retired.</summary>
    private static readonly TimeSpan RetiredFor = TimeSpan.FromDays(1);

    private readonly Lock _refreshing = new();
    private readonly Dictionary<string, (ModelState State, long? SinceMs)> _restored = new(StringComparer.Ordinal);
    private volatile ImmutableSortedDictionary<string, Shown> _models =
        ImmutableSortedDictionary<string, Shown>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The counts that it decides by which models are rejected.</summary>
    public RecentRecords Records => records;

    /// <summary>The label sets {model}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>Them as of the last refresh, by name.</summary>
    public IEnumerable<Shown> All => _models.Values;

    /// <summary>Those that may be shown.</summary>
    public IEnumerable<Shown> Showing => All.Where(model => LabelSets.Shows(model.LabelNumber));

    /// <summary>Takes over since when a model's predecessor saw it in a state: it holds for as long as it is in that.</summary>
    public void Restore(string model, ModelState state, long? sinceMs)
    {
        lock (_refreshing)
        {
            _restored[model] = (state, sinceMs);
        }
    }

    /// <summary>Forgets what was taken over of models that are another replica's by now.</summary>
    public void Forget(Func<string, bool> gone)
    {
        lock (_refreshing)
        {
            foreach (var model in _restored.Keys.Where(gone))
            {
                _restored.Remove(model);
            }
        }
    }

    /// <summary>Decides all states by what is known now.</summary>
    public void Refresh()
    {
        lock (_refreshing)
        {
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            var known = reports.Models.ToDictionary(model => model.Model, StringComparer.Ordinal);
            var spans = references.All.ToDictionary(
                reference => reference.Snapshot.Model, reference => reference.Span, StringComparer.Ordinal);
            var rejected = records.Rejected.ToHashSet(StringComparer.Ordinal);
            var before = _models;
            var models = known.Values.Where(IsExpected).Select(model => model.Model).Union(rejected, StringComparer.Ordinal)
                .ToImmutableSortedDictionary(model => model, Decide, StringComparer.Ordinal);
            LabelSets.Release(before.Keys.Count(model => !models.ContainsKey(model)));
            _models = models;

            TimeSpan Limit(string model) => thresholds.SilenceLimit(spans.GetValueOrDefault(model));

            bool IsExpected(ReportStore.ModelWindows model) =>
                !(nowMs - model.LeftMs > ((2 * Limit(model.Model)) + RetiredFor).TotalMilliseconds);

            Shown Decide(string model)
            {
                var (_, series, leftMs) = known.GetValueOrDefault(model) ?? new ReportStore.ModelWindows(model, [], null);
                ImmutableArray<JudgedReport> windows = [.. series.Select(window => window.Now.Judged)];
                var latestMs = windows.IsEmpty ? leftMs : windows.Max(judged => judged.Report.Window.LatestEventMs);
                // what came since its windows were last given is known with the next ones
                var seenMs = windows.IsEmpty ? nowMs : windows.Max(judged => judged.Report.Window.ToMs);
                var limit = Limit(model);
                // others may read good records of a model that has windows
                var state = new ModelFacts(
                    rejected.Contains(model) && (windows.IsEmpty || records.ReadsAll),
                    seenMs - latestMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                    limit, windows, thresholds.Guard(model, windows), thresholds.MinimumEvents).State;
                var shown = before.GetValueOrDefault(model) ?? new Shown(model, [new("model", model)], LabelSets.Issue());
                if (_restored.Remove(model, out var restored))
                {
                    shown = shown with { State = restored.State, SinceMs = restored.SinceMs };
                }

                return shown with
                {
                    State = state,
                    SinceMs = shown.SinceMs is { } sinceMs && shown.State == state ? sinceMs : nowMs,
                    LatestEventMs = latestMs,
                    SilenceLimit = limit,
                };
            }
        }
    }

    /// <summary>A model and its state. Immutable.</summary>
    internal sealed record Shown(string Model, Tags Labels, long LabelNumber)
    {
        public ModelState State { get; init; }

        /// <summary>Since when, by the service's own time, epoch milliseconds.</summary>
        public long? SinceMs { get; init; }

        /// <summary>The time of its latest event, epoch milliseconds; null when none is known.</summary>
        public long? LatestEventMs { get; init; }

        /// <summary>How long it may be silent.</summary>
        public TimeSpan SilenceLimit { get; init; }
    }
}
