namespace DriftMonitor.Worker.Metrics;

/// <summary>The latest few records of one topic that were rejected, ignored or fell back, of each model and reason.</summary>
/// <remarks>Bounded: beyond the most models and reasons, records are kept without their model. Thread-safe.</remarks>
internal sealed class LatestRecords
{
    /// <summary>How many are kept of each model and reason.</summary>
    public const int Kept = 5;

    /// <summary>How many pairs of a model and a reason are kept.</summary>
    public const int MaxOfModels = 500;

    private const int LooksForRetired = 1_000; // one look at all of them for so many records that find no place

    private readonly Dictionary<Kind, Ring> _kinds = [];
    private int _ofModels;
    private long _refused;

    /// <summary>What each kind is, what was expected, how many there were, and the latest of them, the last one first.</summary>
    public IReadOnlyList<(Kind Kind, string Expected, long Count, ImmutableArray<NotedRecord> Latest)> All
    {
        get
        {
            lock (_kinds)
            {
                ForgetRetired();
                return [.. _kinds.Select(kind => (kind.Key, kind.Value.Expected, kind.Value.Count, kind.Value.Latest()))];
            }
        }
    }

    /// <param name="kind">What became of it.</param>
    /// <param name="expected">What was expected instead.</param>
    /// <param name="record">Where it stands.</param>
    public void Note(Kind kind, string expected, in NotedRecord record)
    {
        lock (_kinds)
        {
            if (!_kinds.TryGetValue(kind, out var ring))
            {
                if (kind.Model is not null && _ofModels == MaxOfModels)
                {
                    if (++_refused % LooksForRetired == 0)
                    {
                        ForgetRetired();
                    }

                    kind = kind with { Model = null };
                }

                if (!_kinds.TryGetValue(kind, out ring))
                {
                    _ofModels += kind.Model is null ? 0 : 1;
                    _kinds[kind] = ring = new Ring(expected);
                }
            }

            ring.Add(record);
        }
    }

    private void ForgetRetired()
    {
        foreach (var (kind, _) in _kinds.Where(kind => kind.Key.Model is { Retired: true }).ToList())
        {
            _ofModels--;
            _kinds.Remove(kind);
        }
    }

    /// <summary>What became of records, and why.</summary>
    /// <param name="Outcome">What became of them.</param>
    /// <param name="Reason">The reason of a rejection, or the field that was left out; empty for none.</param>
    /// <param name="Model">Null where it is not known.</param>
    public readonly record struct Kind(RecordOutcome Outcome, string Reason, WatchedModel? Model);

    private sealed class Ring(string expected)
    {
        public string Expected => expected;

        private readonly NotedRecord[] _records = new NotedRecord[Kept];

        public long Count { get; private set; }

        public void Add(in NotedRecord record) => _records[Count++ % Kept] = record;

        public ImmutableArray<NotedRecord> Latest() =>
            [.. Enumerable.Range(0, (int)Math.Min(Count, Kept)).Select(back => _records[(Count - 1 - back) % Kept])];
    }
}
