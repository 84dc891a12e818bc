namespace DriftMonitor.Worker.Status;

/// <summary>What the owners of all models last said of them, as far as this replica has read it. Thread-safe.</summary>
internal sealed class KnownStatuses(TimeProvider time)
{
    /// <summary>How long an owner may say nothing: it says something of each model every half minute.</summary>
    public const long PatienceMs = 3 * ModelStatus.RepeatMs;

    /// <summary>For how long models are shown that nobody has taken over; then they are forgotten.</summary>
    public const long LongestGoneMs = 7 * 86_400_000L;

    private readonly PastStatuses _statuses = new(keepsDecided: false);
    private volatile ImmutableDictionary<StatusOwner, long> _heardMs = ImmutableDictionary<StatusOwner, long>.Empty;
    private volatile ImmutableDictionary<string, ModelStatus> _all = ImmutableDictionary<string, ModelStatus>.Empty;

    /// <summary>Of each model the status that holds, without what only a successor reads.</summary>
    public ImmutableDictionary<string, ModelStatus> All => _all;

    /// <summary>Whether all that was there at the start has been read.</summary>
    public bool AreRead { get; private set; }

    /// <summary>Whether a replica has said nothing of any model for too long.</summary>
    public bool IsGone(StatusOwner owner, long nowMs) => nowMs - _heardMs.GetValueOrDefault(owner) > PatienceMs;

    /// <summary>Takes a record's value in. Called by one thread, as is <see cref="Show"/>.</summary>
    public void Add(byte[]? value) => _statuses.Add(value);

    /// <summary>Shows what has been taken in, without what was written too long ago.</summary>
    /// <param name="areRead">Whether all that was there at the start is among it.</param>
    public void Show(bool areRead)
    {
        _statuses.Forget(time.GetUtcNow().ToUnixTimeMilliseconds() - LongestGoneMs);
        _heardMs = _statuses.All.GroupBy(status => status.Owner)
            .ToImmutableDictionary(owned => owned.Key, owned => owned.Max(status => status.WrittenMs));
        _all = _statuses.All.ToImmutableDictionary(status => status.Model, StringComparer.Ordinal);
        AreRead = areRead;
    }
}
