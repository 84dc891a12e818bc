namespace DriftMonitor.Worker.References;

/// <summary>What the references topic holds: of each model the highest version that is not undone and can be read is used.</summary>
/// <remarks>Only snapshots in use are kept read, the others as their records have them. Not thread-safe.</remarks>
internal sealed class PushedReferences(TimeProvider time)
{
    private static readonly Comparer<int> HighestFirst = Comparer<int>.Create((one, other) => other.CompareTo(one));

    private readonly SortedDictionary<string, SortedDictionary<int, Pushed>> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pushed> _unnamed = new(StringComparer.Ordinal); // by their keys, which name no model

    /// <summary>All of them, by model, the highest version first.</summary>
    public IEnumerable<Pushed> All => _models.Values.SelectMany(versions => versions.Values);

    /// <summary>Those of which nobody knows the model.</summary>
    public IReadOnlyCollection<Pushed> Unnamed => _unnamed.Values;

    /// <summary>A model's, the highest version first.</summary>
    public IEnumerable<Pushed> Of(string model) => _models.TryGetValue(model, out var versions) ? versions.Values : [];

    /// <summary>Takes a record in the place of the last of its key.</summary>
    /// <param name="place">Where it stands.</param>
    public void Add(ReferenceRecord record, string place)
    {
        if (record.Model.Length == 0)
        {
            _unnamed.Remove(record.Key);
            if (!record.IsDeleted)
            {
                _unnamed[record.Key] = new Pushed(record, place, null);
            }

            return;
        }

        if (!_models.TryGetValue(record.Model, out var versions))
        {
            _models[record.Model] = versions = new SortedDictionary<int, Pushed>(HighestFirst);
        }

        versions.Remove(record.Version, out var before);
        if (!record.IsDeleted)
        {
            versions[record.Version] = new Pushed(record, place, before?.Snapshot);
        }
        else if (versions.Count == 0)
        {
            _models.Remove(record.Model);
        }
    }

    /// <summary>The references to be used.</summary>
    /// <param name="refused">Takes those that would be used in the place of one of these, if they could be read.</param>
    public ReferenceSet InUse(ICollection<Pushed> refused)
    {
        var used = new List<ReferenceSnapshot>();
        foreach (var versions in _models.Values)
        {
            ReferenceSnapshot? snapshot = null;
            foreach (var pushed in versions.Values)
            {
                if (snapshot is not null || pushed.Record.Undone is not null)
                {
                    pushed.Forget();
                    continue;
                }

                snapshot = pushed.Load(time.GetUtcNow());
                if (pushed.Problem is not null)
                {
                    refused.Add(pushed);
                }
            }

            used.AddRange(snapshot is null ? [] : [snapshot]);
        }

        foreach (var pushed in _unnamed.Values)
        {
            pushed.Load(time.GetUtcNow());
            refused.Add(pushed);
        }

        return ReferenceSet.Latest(used);
    }

    /// <param name="before">What the record had in whose place this one came: it stays in use if this one cannot be read.</param>
    internal sealed class Pushed(ReferenceRecord record, string place, ReferenceSnapshot? before)
    {
        private ReferenceSnapshot? _before = before;

        public ReferenceRecord Record => record;

        /// <summary>Where the record stands.</summary>
        public string Place => place;

        /// <summary>What is used of it, null before it is read and where nothing can be.</summary>
        public ReferenceSnapshot? Snapshot { get; private set; }

        /// <summary>Why it is no usable snapshot, and where it stands; null before it is read.</summary>
        public string? Problem { get; private set; }

        public ReferenceSnapshot? Load(DateTimeOffset now)
        {
            if (Snapshot is null && Problem is null)
            {
                try
                {
                    Snapshot = record.Parse(place, now);
                }
                catch (InvalidReferenceException problem)
                {
                    (Snapshot, Problem) = (_before, problem.Message);
                }

                _before = null;
            }

            return Snapshot;
        }

        /// <summary>Keeps nothing but the record.</summary>
        public void Forget() => (Snapshot, Problem, _before) = (null, null, null);
    }
}
