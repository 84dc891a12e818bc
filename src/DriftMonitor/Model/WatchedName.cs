namespace DriftMonitor.Model;

/// <summary>A model or a segment that has a place under a cap, until it has been silent for long. Safe for concurrent use.</summary>
public abstract class WatchedName
{
    private readonly RecordClock _clock;
    private volatile bool _retired;
    private volatile bool _kept;
    private long _latestMs = long.MinValue;

    private protected WatchedName(string name, RecordClock clock) => (Name, _clock) = (name, clock);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether it was silent for so long that its place went to another: whoever remembers it must look for it anew.</summary>
    public bool Retired => _retired;

    /// <summary>Gives its place to another, and its memory back.</summary>
    internal virtual void Retire() => _retired = true;

    /// <summary>Takes note of the time of a record of it that counted.</summary>
    internal void Note(long recordMs)
    {
        if (recordMs > Volatile.Read(ref _latestMs))
        {
            Volatile.Write(ref _latestMs, recordMs);
            _clock.Note(recordMs);
        }
    }

    /// <summary>It never retires: people have named it.</summary>
    internal void Keep() => _kept = true;

    /// <summary>When it has been silent for so long; <see cref="long.MaxValue"/> for never.</summary>
    internal long SilentFromMs(long silenceMs) =>
        _kept || silenceMs == long.MaxValue || Volatile.Read(ref _latestMs) is var latest && latest > long.MaxValue - silenceMs
            ? long.MaxValue
            : latest + silenceMs;
}
