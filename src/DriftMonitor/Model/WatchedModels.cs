namespace DriftMonitor.Model;

/// <summary>The models that are admitted, up to a cap: no payload can make this grow without limit.</summary>
/// <remarks>
/// Where the cap is reached, a model that nobody named and that has been silent for long gives its place to a new one. Time is that of the
/// records that counted, so that no clock and no rejected record decides. Safe for concurrent use; finding a known model neither locks nor
/// allocates.
/// </remarks>
public sealed class WatchedModels
{
    private readonly WatchedNames<WatchedModel> _models;
    private readonly int _maxSegmentsPerModel;
    private readonly bool _acceptUnknown;
    private readonly long _silenceMs;
    private readonly ComparedSegments _compared;

    /// <summary>No models yet.</summary>
    /// <param name="maxModels">The cap on models, known ones and new ones together.</param>
    /// <param name="maxSegmentsPerModel">The cap on each model's segments.</param>
    /// <param name="acceptUnknown">Whether a model that nobody <see cref="Add"/>ed is admitted when its first record comes.</param>
    /// <param name="silenceMs">
    /// How long a model, or a segment of it, counts no record before its place is free; never, unless told otherwise.
    /// </param>
    /// <param name="memory">What models and the classes that payloads fix may take; null for any amount.</param>
    /// <param name="compared">Segments that never retire, since the configuration names them; null for none.</param>
    public WatchedModels(
        int maxModels, int maxSegmentsPerModel, bool acceptUnknown, long silenceMs = long.MaxValue, MemoryBudget? memory = null,
        ComparedSegments? compared = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxModels, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSegmentsPerModel);
        MaxModels = maxModels;
        _maxSegmentsPerModel = maxSegmentsPerModel;
        _acceptUnknown = acceptUnknown;
        _silenceMs = silenceMs;
        _compared = compared ?? ComparedSegments.None;
        Memory = memory ?? MemoryBudget.Unlimited();
        _models = new WatchedNames<WatchedModel>(maxModels, silenceMs, Clock);
    }

    /// <summary>The cap on models.</summary>
    public int MaxModels { get; }

    /// <summary>What models and the classes that payloads fix may take.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>The time of the records that counted, of all models.</summary>
    internal RecordClock Clock { get; } = new();

    /// <summary>How many models are admitted.</summary>
    public int Count => _models.Count;

    /// <summary>Admits a model that the configuration or a reference names, whatever the cap: they are few and chosen by people.</summary>
    public WatchedModel Add(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var model = _models.Add(Find(name) ?? Create(name));
        model.Keep();
        return model;
    }

    /// <summary>The model of that name when it is admitted, else null.</summary>
    public WatchedModel? Find(ReadOnlySpan<char> name) => _models.Find(name);

    /// <summary>Why a model not yet admitted would be rejected now, <see cref="RejectionReason.None"/> if it would be admitted.</summary>
    public RejectionReason RefusalOfNew =>
        !_acceptUnknown ? RejectionReason.UnknownModel
        : _models.IsFull ? RejectionReason.ModelLimit
        : RejectionReason.None;

    /// <summary>The model that a record names: known, or admitted now.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="reason">Why it is not admitted.</param>
    /// <param name="cellsOfClasses">The memory of the classes that the record would fix, which a new model takes with its place.</param>
    /// <returns>Null with the reason when it is unknown and unknown models are refused, or a cap or the memory is used up.</returns>
    public WatchedModel? Admit(ReadOnlySpan<char> name, out RejectionReason reason, long cellsOfClasses = 0)
    {
        reason = RejectionReason.None;
        if (Find(name) is { } known)
        {
            return known;
        }

        lock (_models) // so that two partitions cannot both take the last place
        {
            if (Find(name) is { } since)
            {
                return since;
            }

            _models.MakeRoom();
            reason = RefusalOfNew;
            if (reason != RejectionReason.None)
            {
                return null;
            }

            var admitted = Create(name.ToString());
            if (!admitted.TryTakePlace(cellsOfClasses))
            {
                reason = RejectionReason.MemoryLimit;
                return null;
            }

            return _models.Add(admitted);
        }
    }

    /// <summary>The places of a new model's segments.</summary>
    internal WatchedNames<WatchedSegment> NoSegments() => new(_maxSegmentsPerModel, _silenceMs, Clock);

    private WatchedModel Create(string name) => new(name, this, _compared.Of(name));
}
