using System.Collections.Frozen;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The references in use as they are exported, with the times since when they are.</summary>
/// <remarks>Thread-safe. A set of references is immutable and swapped as a whole; readers take no locks.</remarks>
internal sealed class UsedReferences(TimeProvider time)
{
    private readonly Lock _switching = new();
    private volatile Set _all = new([], FrozenDictionary<string, Reference>.Empty);
    private volatile PushedSet _pushed = new([], FrozenDictionary<string, ReferenceChange>.Empty);
    private volatile int _refusedFiles;
    private volatile int _refusedRecords;

    /// <summary>How many files that may hold references are refused.</summary>
    public int RefusedFiles
    {
        get => _refusedFiles;
        set => _refusedFiles = value;
    }

    /// <summary>How many records of the references topic are refused.</summary>
    public int RefusedRecords
    {
        get => _refusedRecords;
        set => _refusedRecords = value;
    }

    /// <summary>All versions in the references topic, by model, the highest first; none before it has been read.</summary>
    public ImmutableArray<PushedVersion> Pushed
    {
        get => _pushed.All;
        set => _pushed = new(
            value,
            value.Select(version => (version.Model, version.Change)).Where(change => change.Change is not null)
                .GroupBy(change => change.Model, change => change.Change!, StringComparer.Ordinal)
                .ToFrozenDictionary(model => model.Key, model => model.MaxBy(change => change.AtMs)!, StringComparer.Ordinal));
    }

    /// <summary>The last change of a model's references in that topic; null where none is known.</summary>
    public ReferenceChange? LastChange(string model) => _pushed.LastChanges.GetValueOrDefault(model);

    /// <summary>The label sets {model,reference_id,version}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>All of them.</summary>
    public IReadOnlyList<Reference> All => _all.InOrder;

    /// <summary>The same by their models.</summary>
    public FrozenDictionary<string, Reference> ByModel => _all.ByModel;

    /// <summary>The references that may be shown.</summary>
    public IEnumerable<Reference> Showing => All.Where(reference => LabelSets.Shows(reference.LabelNumber));

    /// <summary>Takes the next set in place of the one before. A reference that is in use already keeps its labels and its time.</summary>
    public void Use(ReferenceSet next)
    {
        lock (_switching)
        {
            var nowSeconds = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            var known = _all.ByModel.ToDictionary(StringComparer.Ordinal);
            var all = new List<Reference>(next.ByModel.Count);
            foreach (var (model, snapshot) in next.ByModel.OrderBy(reference => reference.Key, StringComparer.Ordinal))
            {
                if (known.TryGetValue(model, out var same) && same.Snapshot.Id == snapshot.Id && same.Snapshot.Version == snapshot.Version)
                {
                    all.Add(same);
                    known.Remove(model);
                }
                else
                {
                    all.Add(new Reference(snapshot, nowSeconds, LabelSets.Issue()));
                }
            }

            LabelSets.Release(known.Count);
            _all = new(all, all.ToFrozenDictionary(reference => reference.Snapshot.Model, StringComparer.Ordinal));
        }
    }

    private sealed record PushedSet(ImmutableArray<PushedVersion> All, FrozenDictionary<string, ReferenceChange> LastChanges);

    private sealed record Set(IReadOnlyList<Reference> InOrder, FrozenDictionary<string, Reference> ByModel);

    internal sealed record Reference(ReferenceSnapshot Snapshot, double LoadedSeconds, long LabelNumber)
    {
        /// <summary>The time that its events cover, null when that is not known.</summary>
        public ReferenceSpan? Span { get; } = ReferenceSpan.FromReference(Snapshot);

        public Tags ModelLabel { get; } = [new("model", Snapshot.Model)];

        public Tags InfoLabels { get; } =
        [
            new("model", Snapshot.Model),
            new("reference_id", Snapshot.Id),
            new("version", Snapshot.Version.ToString(CultureInfo.InvariantCulture)),
        ];
    }
}
