using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace DriftMonitor.Calibration;

/// <summary>
/// The calibrated windows of one series: each window at counts of events that are powers of two, and levels in between. Each is calibrated
/// once. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Between two counts the level is interpolated over ln n after division by the noise at each count, so that what is interpolated hardly
/// changes. The smallest count is 16 events.
/// </remarks>
/// <param name="contentId">
/// The hash of everything that tails follow from besides the window and the count. It is part of the seed, so every replica has the same
/// thresholds, and so has every model with an equal reference.
/// </param>
/// <param name="simulate">Calibrates a window at a count, from a seed. Slow.</param>
/// <param name="noise">
/// The size of sampling noise at a count, in the same power as levels: a variance for divergences, a standard deviation for means.
/// </param>
/// <param name="parts">What parts of windows are judged by: calibrated and kept with the windows.</param>
/// <param name="kept">Where results are looked up before anything is simulated, and added to; null for nowhere.</param>
internal sealed class CalibratedWindows(
    string contentId, Func<WindowSpec, double, int, CalibratedWindow> simulate, Func<double, double> noise, PartScale parts,
    KeptCalibrations? kept)
{
    /// <summary>
    /// log₂ of the smallest count that is simulated: 16 events. Fewer are judged by the same multiple of their noise; chosen.
    /// </summary>
    private const int LeastLog2Events = 4;

    /// <summary>How many powers of two away a calibrated count is looked for: all that a count can have.</summary>
    private const int MostLog2Steps = 64;

    private readonly ConcurrentDictionary<(long LengthMs, long SlideMs, int Log2Events), Lazy<CalibratedWindow>> _windows = new();
    private readonly ConcurrentDictionary<long, ImmutableArray<Shortfall>> _shortfalls = new(); // by length, ms, as the next two
    private readonly ConcurrentDictionary<long, int> _log2Events = new();
    private readonly ConcurrentDictionary<long, (int Log2Events, bool IsNew)> _reported = new();

    /// <summary>The keys of all windows and counts that were asked for here.</summary>
    public IEnumerable<string> Keys => _windows.Keys.Select(Key);

    /// <summary>What the reference has too little of for windows of a length; worked out now if it is not known.</summary>
    public ImmutableArray<Shortfall> Shortfalls(long lengthMs, Func<long, ImmutableArray<Shortfall>> workOut) =>
        _shortfalls.GetOrAdd(lengthMs, workOut);

    /// <summary>The same if it is known, as it is once a window of that length is calibrated; else null. Never slow.</summary>
    public ImmutableArray<Shortfall>? KnownShortfalls(long lengthMs) =>
        _shortfalls.TryGetValue(lengthMs, out var known) ? known : null;

    /// <summary>Takes a present count of events, and returns log₂ of the count that shortfalls are looked up by.</summary>
    /// <remarks>
    /// It rises with the count, but falls only by two or more at once (the count is below half of the power of two), so that what depends
    /// on it does not come and go with a count around a power of two.
    /// </remarks>
    public int UpdateLog2Events(long lengthMs, long events)
    {
        var now = (int)Math.Floor(Math.Log2(Math.Max(1, events)));
        return _log2Events.TryGetValue(lengthMs, out var before) && (now == before || now == before - 1)
            ? before
            : _log2Events[lengthMs] = now;
    }

    /// <summary>Marks the shortfalls at a count as reported.</summary>
    /// <returns>Whether they were not: the last call for the length was for another count, or there was none.</returns>
    public bool TryMarkReported(long lengthMs, int log2Events) =>
        _reported.AddOrUpdate(lengthMs, (log2Events, true), (_, reported) => (log2Events, reported.Log2Events != log2Events)).IsNew;

    /// <summary>Whether both counts that the levels at a count lie between are calibrated.</summary>
    public bool Has(WindowSpec window, double events) =>
        KnownTails(window, LowerLog2(events)) is not null && KnownTails(window, LowerLog2(events) + 1) is not null;

    /// <summary>The levels without any simulation: those of the nearest calibrated count if this one is new; null if none is.</summary>
    public InterpolatedLevels? Known(WindowSpec window, double events)
    {
        var lower = LowerLog2(events);
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

        // Fewer events have more noise, so levels are raised. More events do not lower them: fluctuations of the traffic itself stay.
        InterpolatedLevels? Nearest(int log2Events) => KnownTails(window, log2Events) is { } tails
            ? new InterpolatedLevels(
                tails, tails, 0, 1, 1, noise(1) > 0 ? Math.Max(1, noise(Math.Max(1, events)) / noise(Math.Pow(2, log2Events))) : 1)
            : null;
    }

    /// <summary>The levels at a count, calibrated now if it is not yet.</summary>
    public InterpolatedLevels At(WindowSpec window, double events)
    {
        var lower = LowerLog2(events);
        return Between(lower, Tails(window, lower), Tails(window, lower + 1), events);
    }

    /// <summary>Calibrates what the levels at a count need, if it is not yet. Slow.</summary>
    public void Prepare(WindowSpec window, double events)
    {
        Tails(window, LowerLog2(events));
        Tails(window, LowerLog2(events) + 1);
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
        _windows.TryGetValue((window.LengthMs, window.SlideMs, log2Events), out var known) && known.IsValueCreated
            ? known.Value.Tails
            : null;

    private static int LowerLog2(double events) => Math.Max(LeastLog2Events, (int)Math.Floor(Math.Log2(Math.Max(1, events))));

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
