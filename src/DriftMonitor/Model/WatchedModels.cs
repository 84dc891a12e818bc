using System.Collections.Concurrent;

namespace DriftMonitor.Model;

/// <summary>The models that are admitted, up to a cap: no payload can make this grow without limit.</summary>
/// <remarks>
/// Where the cap is reached, a model that nobody named and that has been silent for long gives its place to a new one. Time is that of the
/// records that counted, so that no clock and no rejected record decides. Safe for concurrent use; finding a known model neither locks nor
/// allocates.
/// </remarks>
public sealed class WatchedModels
{
    private readonly ConcurrentDictionary<string, WatchedModel> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WatchedModel>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly int _maxSegmentsPerModel;
    private readonly bool _acceptUnknown;
    private readonly long _silenceMs;
    private readonly MemoryBudget _memory;
    private long _clockMs = long.MinValue;
    private long _nextSilentMs;

    /// <summary>No models yet.</summary>
    /// <param name="maxModels">The cap on models, known ones and new ones together.</param>
    /// <param name="maxSegmentsPerModel">The cap on each model's segments.</param>
    /// <param name="acceptUnknown">Whether a model that nobody <see cref="Add"/>ed is admitted when its first record comes.</param>
    /// <param name="silenceMs">How long a model counts no record before its place is free; never, unless told otherwise.</param>
    /// <param name="memory">What models and the classes that payloads fix may take; null for any amount.</param>
    public WatchedModels(
        int maxModels, int maxSegmentsPerModel, bool acceptUnknown, long silenceMs = long.MaxValue, MemoryBudget? memory = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxModels, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSegmentsPerModel);
        MaxModels = maxModels;
        _maxSegmentsPerModel = maxSegmentsPerModel;
        _acceptUnknown = acceptUnknown;
        _silenceMs = silenceMs;
        _memory = memory ?? MemoryBudget.Unlimited();
        _nextSilentMs = silenceMs == long.MaxValue ? long.MaxValue : long.MinValue;
        _bySpan = _models.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The cap on models.</summary>
    public int MaxModels { get; }

    /// <summary>What models and the classes that payloads fix may take.</summary>
    public MemoryBudget Memory => _memory;

    /// <summary>How many models are admitted.</summary>
    public int Count => _models.Count;

    /// <summary>Admits a model that the configuration or a reference names, whatever the cap: they are few and chosen by people.</summary>
    public WatchedModel Add(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var model = _models.GetOrAdd(
            name, static (name, models) => new WatchedModel(name, models._maxSegmentsPerModel, models, models._memory), this);
        model.Keep();
        return model;
    }

    /// <summary>The model of that name when it is admitted, else null.</summary>
    public WatchedModel? Find(ReadOnlySpan<char> name) => _bySpan.TryGetValue(name, out var known) ? known : null;

    /// <summary>Why a model not yet admitted would be rejected now, <see cref="RejectionReason.None"/> if it would be admitted.</summary>
    public RejectionReason RefusalOfNew =>
        !_acceptUnknown ? RejectionReason.UnknownModel
        : _models.Count >= MaxModels && Volatile.Read(ref _clockMs) < Volatile.Read(ref _nextSilentMs) ? RejectionReason.ModelLimit
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

            if (_models.Count >= MaxModels)
            {
                Retire();
            }

            reason = RefusalOfNew;
            if (reason != RejectionReason.None)
            {
                return null;
            }

            var admitted = new WatchedModel(name.ToString(), _maxSegmentsPerModel, this, _memory);
            if (!admitted.TryTakePlace(cellsOfClasses))
            {
                reason = RejectionReason.MemoryLimit;
                return null;
            }

            admitted.Note(Volatile.Read(ref _clockMs));
            return _models.GetOrAdd(admitted.Name, admitted);
        }
    }

    /// <summary>Takes note of the time of a record that counted.</summary>
    internal void Note(long recordMs)
    {
        if (recordMs > Volatile.Read(ref _clockMs))
        {
            Volatile.Write(ref _clockMs, recordMs); // partitions may overtake each other by moments: silence is of hours
        }
    }

    /// <summary>Frees the places of silent models, and notes when the next one may be silent: until then nobody needs to look.</summary>
    private void Retire()
    {
        var clockMs = Volatile.Read(ref _clockMs);
        if (clockMs < _nextSilentMs)
        {
            return;
        }

        var next = long.MaxValue;
        foreach (var named in _models)
        {
            var silentMs = named.Value.SilentFromMs(_silenceMs);
            if (silentMs <= clockMs)
            {
                named.Value.Retire();
                _models.TryRemove(named);
            }
            else
            {
                next = Math.Min(next, silentMs);
            }
        }

        Volatile.Write(ref _nextSilentMs, next);
    }
}
