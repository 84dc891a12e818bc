using System.Collections.Concurrent;

namespace DriftMonitor.Model;

/// <summary>The models that are admitted, up to a cap: no payload can make this grow without limit.</summary>
/// <remarks>Safe for concurrent use; finding a known model neither locks nor allocates.</remarks>
public sealed class WatchedModels
{
    private readonly ConcurrentDictionary<string, WatchedModel> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WatchedModel>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly int _maxSegmentsPerModel;
    private readonly bool _acceptUnknown;

    /// <summary>No models yet.</summary>
    /// <param name="maxModels">The cap on models, known ones and new ones together.</param>
    /// <param name="maxSegmentsPerModel">The cap on each model's segments.</param>
    /// <param name="acceptUnknown">Whether a model that nobody <see cref="Add"/>ed is admitted when its first record comes.</param>
    public WatchedModels(int maxModels, int maxSegmentsPerModel, bool acceptUnknown)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxModels, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSegmentsPerModel);
        MaxModels = maxModels;
        _maxSegmentsPerModel = maxSegmentsPerModel;
        _acceptUnknown = acceptUnknown;
        _bySpan = _models.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The cap on models.</summary>
    public int MaxModels { get; }

    /// <summary>How many models are admitted.</summary>
    public int Count => _models.Count;

    /// <summary>Admits a model that the configuration or a reference names, whatever the cap: they are few and chosen by people.</summary>
    public WatchedModel Add(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _models.GetOrAdd(name, static (name, max) => new WatchedModel(name, max), _maxSegmentsPerModel);
    }

    /// <summary>The model of that name when it is admitted, else null.</summary>
    public WatchedModel? Find(ReadOnlySpan<char> name) => _bySpan.TryGetValue(name, out var known) ? known : null;

    /// <summary>Why a model not yet admitted would be rejected now, <see cref="RejectionReason.None"/> if it would be admitted.</summary>
    public RejectionReason RefusalOfNew =>
        !_acceptUnknown ? RejectionReason.UnknownModel
        : _models.Count >= MaxModels ? RejectionReason.ModelLimit
        : RejectionReason.None;

    /// <summary>The model that a record names: known, or admitted now.</summary>
    /// <returns>Null with the reason when it is unknown and unknown models are refused or the cap is reached.</returns>
    public WatchedModel? Admit(ReadOnlySpan<char> name, out RejectionReason reason)
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

            reason = RefusalOfNew;
            return reason == RejectionReason.None ? Add(name.ToString()) : null;
        }
    }
}
