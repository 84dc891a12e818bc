using System.Collections.Concurrent;

namespace DriftMonitor.Model;

/// <summary>The models, or the segments of one, that have places under a cap.</summary>
/// <remarks>
/// Where the cap is reached, one that nobody named and that has been silent for long gives its place to a new one. Time is that of the
/// records that counted. Finding is safe for concurrent use, and neither locks nor allocates; whoever adds holds a lock.
/// </remarks>
internal sealed class WatchedNames<T>
    where T : WatchedName
{
    private readonly ConcurrentDictionary<string, T> _all = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly int _max;
    private readonly long _silenceMs;
    private readonly RecordClock _clock;
    private long _nextSilentMs;

    /// <param name="max">The cap.</param>
    /// <param name="silenceMs">How long one counts no record before its place is free; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="clock">The time.</param>
    public WatchedNames(int max, long silenceMs, RecordClock clock)
    {
        (_max, _silenceMs, _clock) = (max, silenceMs, clock);
        _nextSilentMs = silenceMs == long.MaxValue ? long.MaxValue : long.MinValue;
        _bySpan = _all.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>All of them.</summary>
    public IEnumerable<T> All => _all.Values;

    /// <summary>Whether a new one would find no place.</summary>
    public bool IsFull => _all.Count >= _max && _clock.LatestMs < Volatile.Read(ref _nextSilentMs);

    /// <summary>The one of that name, null for none.</summary>
    public T? Find(ReadOnlySpan<char> name) =>
        _bySpan.TryGetValue(name, out var known) ? known : null;

    /// <summary>Adds one, whatever the cap.</summary>
    /// <returns>The one that has its name now.</returns>
    public T Add(T added)
    {
        added.Note(_clock.LatestMs);
        Volatile.Write(ref _nextSilentMs, Math.Min(_nextSilentMs, added.SilentFromMs(_silenceMs)));
        return _all.GetOrAdd(added.Name, added);
    }

    /// <summary>
    /// Where the cap is reached, frees the places of silent ones, and notes when the next may be silent: until then nobody needs to look.
    /// </summary>
    public void MakeRoom()
    {
        var clockMs = _clock.LatestMs;
        if (_all.Count < _max || clockMs < _nextSilentMs)
        {
            return;
        }

        var next = long.MaxValue;
        foreach (var named in _all)
        {
            var silentMs = named.Value.SilentFromMs(_silenceMs);
            if (silentMs <= clockMs)
            {
                named.Value.Retire();
                _all.TryRemove(named);
            }
            else
            {
                next = Math.Min(next, silentMs);
            }
        }

        Volatile.Write(ref _nextSilentMs, next);
    }
}
