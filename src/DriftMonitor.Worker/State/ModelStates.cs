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
    private readonly Lock _refreshing = new();
    private volatile ImmutableSortedDictionary<string, Shown> _models =
        ImmutableSortedDictionary<string, Shown>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The label sets {model}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>Them as of the last refresh, by name.</summary>
    public IEnumerable<Shown> All => _models.Values;

    /// <summary>Those that may be shown.</summary>
    public IEnumerable<Shown> Showing => All.Where(model => LabelSets.Shows(model.LabelNumber));

    /// <summary>Decides all states by what is known now.</summary>
    public void Refresh()
    {
        lock (_refreshing)
        {
            var now = time.GetUtcNow();
            var windows = reports.Judged
                .Where(judged => judged.Report.Window.Series.Segment == SeriesKey.All)
                .ToLookup(judged => judged.Report.Window.Series.Model, StringComparer.Ordinal);
            var left = reports.Left.ToDictionary(StringComparer.Ordinal);
            var spans = references.All.ToDictionary(
                reference => reference.Snapshot.Model, reference => reference.Span, StringComparer.Ordinal);
            var rejected = records.Rejected.ToHashSet(StringComparer.Ordinal);
            var before = _models;
            var models = windows.Select(model => model.Key).Concat(left.Keys).Concat(rejected).Distinct(StringComparer.Ordinal)
                .ToImmutableSortedDictionary(model => model, Decide, StringComparer.Ordinal);
            LabelSets.Release(before.Keys.Count(model => !models.ContainsKey(model)));
            _models = models;

            Shown Decide(string model)
            {
                ImmutableArray<JudgedReport> all = [.. windows[model]];
                long? latestMs = all.IsEmpty ? left.TryGetValue(model, out var leftMs) ? leftMs : null
                    : all.Max(judged => judged.Report.Window.LatestEventMs);
                var limit = thresholds.SilenceLimit(spans.GetValueOrDefault(model));
                var state = new ModelFacts(
                    rejected.Contains(model), now.ToUnixTimeMilliseconds() - latestMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                    limit, all, thresholds.Guard(model, all), thresholds.MinimumEvents).State;
                var known = before.GetValueOrDefault(model) ?? new Shown(model, [new("model", model)], LabelSets.Issue());
                return known with
                {
                    State = state,
                    SinceMs = known.SinceMs is { } sinceMs && known.State == state ? sinceMs : now.ToUnixTimeMilliseconds(),
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
