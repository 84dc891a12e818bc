using System.Collections.Concurrent;

namespace DriftMonitor.Calibration;

/// <summary>
/// Results of calibrations (<see cref="CalibratedWindow"/>), of this replica or another, by their input: nothing is simulated twice.
/// </summary>
/// <remarks>
/// A key is a hash of the algorithm and of its input (blocks, sums of the segment, ε), then the window and the power of two of events. No
/// name or date is in it, so equal references of different models share results. Results are kept as bytes, up to a bound: beyond it the
/// oldest are dropped, and simulated again when they are asked for. Thread-safe.
/// </remarks>
/// <param name="mostBytes">The bound, keys and values together.</param>
public sealed class KeptCalibrations(long mostBytes)
{
    /// <summary>
    /// The algorithm's number. To be raised whenever the same reference, window and count would give other thresholds or shortfalls: else
    /// results that were kept stay in force. <c>KeptCalibrationTests</c> pins thresholds of four references and a baseline, and fails if it
    /// was forgotten for those. It pins no shortfalls.
    /// </summary>
    internal const int Algorithm = 4;

    /// <summary>
    /// Bytes of an entry besides key and value: heads of objects, places in the dictionary and the queue; about, 64 bits.
    /// </summary>
    private const int BytesOfEntry = 200;

    private readonly Lock _changing = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = new();
    private readonly ConcurrentDictionary<string, Lazy<CalibratedWindow>> _underWay = new(StringComparer.Ordinal);
    private long _bytes;
    private long _workedOut;
    private long _reused;
    private long _dropped;

    /// <summary>Called with the key and the bytes of what has been worked out here, on the thread that did.</summary>
    public Action<string, byte[]>? OnWorkedOut { get; set; }

    /// <summary>How many have been worked out here.</summary>
    public long CountWorkedOut => Volatile.Read(ref _workedOut);

    /// <summary>How many needed not be, since they were kept.</summary>
    public long CountReused => Volatile.Read(ref _reused);

    /// <summary>How many were dropped for the bound.</summary>
    public long CountDropped => Volatile.Read(ref _dropped);

    /// <summary>Keeps what was worked out, here or elsewhere, and has been written down.</summary>
    /// <param name="key">All that it follows from.</param>
    /// <param name="value">As <see cref="OnWorkedOut"/> gave it.</param>
    /// <param name="writtenMs">When it was written down, epoch milliseconds.</param>
    /// <returns>Whether it can be read; if not, it is ignored.</returns>
    public bool TryAdd(string key, byte[] value, long writtenMs)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        if (CalibratedWindow.Read(value) is null)
        {
            return false;
        }

        Keep(key, new Entry(value, writtenMs));
        return true;
    }

    /// <summary>Those of some keys that were written down before a time, or never.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> WrittenBefore(IEnumerable<string> keys, long timeMs)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var due = new List<KeyValuePair<string, byte[]>>();
        foreach (var key in keys)
        {
            lock (_changing)
            {
                if (_entries.TryGetValue(key, out var entry) && entry.WrittenMs < timeMs)
                {
                    due.Add(new(key, entry.Value));
                }
            }
        }

        return due;
    }

    /// <summary>The result for a key, worked out now if none is kept; by one thread at a time for each key.</summary>
    internal CalibratedWindow Get(string key, Func<CalibratedWindow> workOut)
    {
        if (Find(key) is { } known)
        {
            Interlocked.Increment(ref _reused);
            return known;
        }

        var working = _underWay.GetOrAdd(key, _ => new Lazy<CalibratedWindow>(() => Find(key) ?? WorkOut(key, workOut)));
        try
        {
            return working.Value;
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(key, working));
        }
    }

    private CalibratedWindow WorkOut(string key, Func<CalibratedWindow> workOut)
    {
        var result = workOut();
        Interlocked.Increment(ref _workedOut);
        var value = result.ToBytes();
        Keep(key, new Entry(value, long.MinValue));
        OnWorkedOut?.Invoke(key, value);
        return result;
    }

    private CalibratedWindow? Find(string key)
    {
        lock (_changing)
        {
            return _entries.TryGetValue(key, out var entry) ? CalibratedWindow.Read(entry.Value) : null;
        }
    }

    private void Keep(string key, Entry entry)
    {
        lock (_changing)
        {
            if (_entries.TryGetValue(key, out var before))
            {
                _bytes -= SizeOf(key, before);
            }
            else
            {
                _oldest.Enqueue(key);
            }

            _entries[key] = entry;
            _bytes += SizeOf(key, entry);
            while (_bytes > mostBytes && _oldest.TryDequeue(out var oldest))
            {
                _entries.Remove(oldest, out var dropped);
                _bytes -= SizeOf(oldest, dropped);
                _dropped++;
            }
        }
    }

    private static long SizeOf(string key, Entry entry) => BytesOfEntry + (sizeof(char) * key.Length) + entry.Value.Length;

    /// <param name="Value">What was worked out.</param>
    /// <param name="WrittenMs">When it was last written down; the least number for never.</param>
    private readonly record struct Entry(byte[] Value, long WrittenMs);
}
