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
internal sealed class CalibratedWindows(
    string contentId, Func<WindowSpec, double, int, CalibratedWindow> simulate, Func<double, double> noise, PartScale parts,
    KeptCalibrations? kept)
{
    private const int LeastLog2Events = 4; // 2⁴ events: fewer are judged by the same multiple of their noise
    private const int MostLog2Steps = 64;

    private readonly ConcurrentDictionary<(long LengthMs, long SlideMs, int Log2Events), Lazy<CalibratedWindow>> _windows = new();
    private readonly ConcurrentDictionary<long, ImmutableArray<Shortfall>> _shortfalls = new(); // by length
    private readonly ConcurrentDictionary<long, int> _log2Events = new();
    private readonly ConcurrentDictionary<long, (int Log2Events, bool IsNew)> _reported = new();

    /// <summary>The keys of all that was asked for here.</summary>
    public IEnumerable<string> Keys => _windows.Keys.Select(Key);

    /// <summary>What the reference has too little of for windows of a length, worked out now if it is not known.</summary>
    public ImmutableArray<Shortfall> Shortfalls(long lengthMs, Func<long, ImmutableArray<Shortfall>> workOut) =>
        _shortfalls.GetOrAdd(lengthMs, workOut);

    /// <summary>The same when it is known, as it is where there is any tails; else null. Never slow.</summary>
    public ImmutableArray<Shortfall>? KnownShortfalls(long lengthMs) =>
        _shortfalls.TryGetValue(lengthMs, out var known) ? known : null;

    /// <summary>
    /// About how many events windows of a length have had, as their logarithm to the base of 2: it falls only when they have halved, so
    /// that what depends on it does not come and go.
    /// </summary>
    public int UpdateLog2Events(long lengthMs, long events)
    {
        var now = (int)Math.Floor(Math.Log2(Math.Max(1, events)));
        return _log2Events.TryGetValue(lengthMs, out var before) && (now == before || now == before - 1)
            ? before
            : _log2Events[lengthMs] = now;
    }

    /// <summary>Whether nobody has been reported yet of what windows of about so many events lack.</summary>
    public bool TryMarkReported(long lengthMs, int log2Events) =>
        _reported.AddOrUpdate(lengthMs, (log2Events, true), (_, reported) => (log2Events, reported.Log2Events != log2Events)).IsNew;

    /// <summary>Whether all that the levels at a count need has been worked out.</summary>
    public bool Has(WindowSpec window, double events) =>
        KnownTails(window, Below(events)) is not null && KnownTails(window, Below(events) + 1) is not null;

    /// <summary>The levels without any simulation: where a count is new, by the nearest one that is known; null where none is.</summary>
    public InterpolatedLevels? Known(WindowSpec window, double events)
    {
        var lower = Below(events);
        if (KnownTails(window, lower) is { } low && KnownTails(window, lower + 1) is { } high)
        {
            return Between(lower, low, high, events);
        }

        for (var away = 0; away < MostLog2Steps; away++)
        {
            if (Nearest(lower - away) is { } fewer)
            {
                return fewer;
            }

            if (Nearest(lower + 1 + away) is { } more)
            {
                return more;
            }
        }

        return null;

        // Of fewer events noise grows. That of more is not sure to fall: what traffic fluctuates by itself stays.
        InterpolatedLevels? Nearest(int log2Events) => KnownTails(window, log2Events) is { } tails
            ? new InterpolatedLevels(
                tails, tails, 0, 1, 1, noise(1) > 0 ? Math.Max(1, noise(Math.Max(1, events)) / noise(Math.Pow(2, log2Events))) : 1)
            : null;
    }

    /// <summary>The levels at a count, simulated now when they have not been before.</summary>
    public InterpolatedLevels At(WindowSpec window, double events)
    {
        var lower = Below(events);
        return Between(lower, Tails(window, lower), Tails(window, lower + 1), events);
    }

    /// <summary>Works out the tails that the levels at a count need.</summary>
    public void Prepare(WindowSpec window, double events)
    {
        Tails(window, Below(events));
        Tails(window, Below(events) + 1);
    }

    private InterpolatedLevels Between(int lower, WindowTails low, WindowTails high, double events)
    {
        var noiseNow = noise(Math.Max(1, events));
        return noiseNow > 0
            ? new InterpolatedLevels(
                low, high, Math.Max(0, Math.Log2(Math.Max(1, events)) - lower), noise(Math.Pow(2, lower)), noise(Math.Pow(2, lower + 1)),
                noiseNow)
            : new InterpolatedLevels(low, high, null, 1, 1, 1);
    }

    private WindowTails? KnownTails(WindowSpec window, int log2Events) =>
        _windows.TryGetValue((window.LengthMs, window.SlideMs, log2Events), out var tails) && tails.IsValueCreated ? tails.Value.Tails : null;

    private static int Below(double events) => Math.Max(LeastLog2Events, (int)Math.Floor(Math.Log2(Math.Max(1, events))));

    private WindowTails Tails(WindowSpec window, int log2Events)
    {
        var key = (window.LengthMs, window.SlideMs, log2Events);
        if (!_windows.TryGetValue(key, out var tails))
        {
            tails = _windows.GetOrAdd(key, new Lazy<CalibratedWindow>(() => WorkOut(window, log2Events)));
        }

        try
        {
            return tails.Value.Tails;
        }
        catch
        {
            _windows.TryRemove(KeyValuePair.Create(key, tails)); // to be tried again
            throw;
        }
    }

    private CalibratedWindow WorkOut(WindowSpec window, int log2Events)
    {
        var key = Key((window.LengthMs, window.SlideMs, log2Events));
        var result = kept is null ? Simulate() : kept.Get(key, Simulate);
        parts.Restore(result.FluctuationVariances);
        _shortfalls[window.LengthMs] = result.Shortfalls;
        return result;

        CalibratedWindow Simulate() => simulate(
            window, Math.Pow(2, log2Events), BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
    }

    private string Key((long LengthMs, long SlideMs, int Log2Events) of) =>
        string.Create(CultureInfo.InvariantCulture, $"{contentId}/{of.LengthMs}/{of.SlideMs}/{of.Log2Events}");
}
