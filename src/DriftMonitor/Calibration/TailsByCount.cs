using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace DriftMonitor.Calibration;

/// <summary>Each window's simulated tails at counts that double, and levels between. Each is made once. Safe for concurrent use.</summary>
/// <remarks>
/// Between two counts the level is interpolated over ln n, after division by how noise alone grows with the count, so that what is
/// interpolated hardly changes.
/// </remarks>
/// <param name="contentId">
/// The hash of all that tails follow from besides the window and the count: the seed of random numbers too, so that every replica has the
/// same thresholds, and every model with an equal reference.
/// </param>
/// <param name="simulate">Works out a window at a count, from a seed.</param>
/// <param name="noise">How large noise is at a count, in any unit.</param>
/// <param name="parts">What parts of windows are judged by: worked out with them, and kept with them.</param>
/// <param name="kept">What is looked at before anything is worked out, and added to; null for nothing.</param>
internal sealed class TailsByCount(
    string contentId, Func<WindowSpec, double, int, CalibratedWindow> simulate, Func<double, double> noise, PartScale parts,
    KeptCalibrations? kept)
{
    private const int Least = 4; // 2⁴ events: fewer are judged by the same multiple of their noise
    private const int MostDoublings = 64;

    private readonly ConcurrentDictionary<(long LengthMs, long SlideMs, int Doublings), Lazy<CalibratedWindow>> _tails = new();
    private readonly ConcurrentDictionary<long, ImmutableArray<Shortfall>> _shortfalls = new(); // by length
    private readonly ConcurrentDictionary<long, int> _doublings = new();
    private readonly ConcurrentDictionary<long, (int Doublings, bool IsNews)> _told = new();

    /// <summary>The keys of all that was asked for here.</summary>
    public IEnumerable<string> Keys => _tails.Keys.Select(Key);

    /// <summary>What the reference has too little of for windows of a length, worked out now if it is not known.</summary>
    public ImmutableArray<Shortfall> Shortfalls(long lengthMs, Func<long, ImmutableArray<Shortfall>> workOut) =>
        _shortfalls.GetOrAdd(lengthMs, workOut);

    /// <summary>The same when it is known, as it is where there is any tail; else null. Never slow.</summary>
    public ImmutableArray<Shortfall>? KnownShortfalls(long lengthMs) =>
        _shortfalls.TryGetValue(lengthMs, out var known) ? known : null;

    /// <summary>
    /// About how many events windows of a length have had, as their logarithm to the base of 2: it falls only when they have halved, so
    /// that what depends on it does not come and go.
    /// </summary>
    public int Doublings(long lengthMs, long events)
    {
        var now = (int)Math.Floor(Math.Log2(Math.Max(1, events)));
        return _doublings.TryGetValue(lengthMs, out var before) && (now == before || now == before - 1)
            ? before
            : _doublings[lengthMs] = now;
    }

    /// <summary>Whether nobody has been told yet of what windows of about so many events lack.</summary>
    public bool IsNews(long lengthMs, int doublings) =>
        _told.AddOrUpdate(lengthMs, (doublings, true), (_, told) => (doublings, told.Doublings != doublings)).IsNews;

    /// <summary>Whether all that the levels at a count need has been worked out.</summary>
    public bool Has(WindowSpec window, double events) =>
        KnownTail(window, Below(events)) is not null && KnownTail(window, Below(events) + 1) is not null;

    /// <summary>The levels without any simulation: where a count is new, by the nearest one that is known; null where none is.</summary>
    public NullLevels? Known(WindowSpec window, double events)
    {
        var below = Below(events);
        if (KnownTail(window, below) is { } low && KnownTail(window, below + 1) is { } high)
        {
            return Between(below, low, high, events);
        }

        for (var away = 0; away < MostDoublings; away++)
        {
            if (Nearest(below - away) is { } fewer)
            {
                return fewer;
            }

            if (Nearest(below + 1 + away) is { } more)
            {
                return more;
            }
        }

        return null;

        // Of fewer events noise grows. That of more is not sure to fall: what traffic fluctuates by itself stays.
        NullLevels? Nearest(int doublings) => KnownTail(window, doublings) is { } tail
            ? new NullLevels(
                tail, tail, 0, 1, 1, noise(1) > 0 ? Math.Max(1, noise(Math.Max(1, events)) / noise(Math.Pow(2, doublings))) : 1)
            : null;
    }

    /// <summary>The levels at a count, simulated now when they have not been before.</summary>
    public NullLevels At(WindowSpec window, double events)
    {
        var below = Below(events);
        return Between(below, Tail(window, below), Tail(window, below + 1), events);
    }

    /// <summary>Works out the tails that the levels at a count need.</summary>
    public void Prepare(WindowSpec window, double events)
    {
        Tail(window, Below(events));
        Tail(window, Below(events) + 1);
    }

    private NullLevels Between(int below, NullTail low, NullTail high, double events)
    {
        var noiseNow = noise(Math.Max(1, events));
        return noiseNow > 0
            ? new NullLevels(
                low, high, Math.Max(0, Math.Log2(Math.Max(1, events)) - below), noise(Math.Pow(2, below)), noise(Math.Pow(2, below + 1)),
                noiseNow)
            : new NullLevels(low, high, null, 1, 1, 1);
    }

    private NullTail? KnownTail(WindowSpec window, int doublings) =>
        _tails.TryGetValue((window.LengthMs, window.SlideMs, doublings), out var tail) && tail.IsValueCreated ? tail.Value.Tail : null;

    private static int Below(double events) => Math.Max(Least, (int)Math.Floor(Math.Log2(Math.Max(1, events))));

    private NullTail Tail(WindowSpec window, int doublings)
    {
        var key = (window.LengthMs, window.SlideMs, doublings);
        if (!_tails.TryGetValue(key, out var tail))
        {
            tail = _tails.GetOrAdd(key, new Lazy<CalibratedWindow>(() => WorkOut(window, doublings)));
        }

        try
        {
            return tail.Value.Tail;
        }
        catch
        {
            _tails.TryRemove(KeyValuePair.Create(key, tail)); // to be tried again
            throw;
        }
    }

    private CalibratedWindow WorkOut(WindowSpec window, int doublings)
    {
        var key = Key((window.LengthMs, window.SlideMs, doublings));
        var result = kept is null ? Simulate() : kept.Get(key, Simulate);
        parts.Take(result.Fluctuations);
        _shortfalls[window.LengthMs] = result.Shortfalls;
        return result;

        CalibratedWindow Simulate() => simulate(
            window, Math.Pow(2, doublings), BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
    }

    private string Key((long LengthMs, long SlideMs, int Doublings) of) =>
        string.Create(CultureInfo.InvariantCulture, $"{contentId}/{of.LengthMs}/{of.SlideMs}/{of.Doublings}");
}
