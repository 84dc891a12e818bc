using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>Simulated tails of each window at counts that double, and levels between them. Safe for concurrent use; each tail is worked out once.</summary>
/// <remarks>
/// Between two counts the level is interpolated over ln n, after division by how noise alone grows with the count, so that what is interpolated hardly changes.
/// </remarks>
/// <param name="name">What it is of: the seed of its random numbers, so that every replica has the same thresholds.</param>
/// <param name="simulate">Works out the tail of a window at a count, from a seed.</param>
/// <param name="noise">How large noise is at a count, in any unit.</param>
internal sealed class TailsByCount(string name, Func<WindowSpec, double, int, NullTail> simulate, Func<double, double> noise)
{
    private const int Least = 4; // 2⁴ events: fewer are judged by the same multiple of their noise
    private const int MostDoublings = 64;

    private readonly ConcurrentDictionary<(long LengthMs, long SlideMs, int Doublings), Lazy<NullTail>> _tails = new();

    /// <summary>Whether all that the levels at a count need has been worked out.</summary>
    public bool Has(WindowSpec window, double events) => Known(window, Below(events)) is not null && Known(window, Below(events) + 1) is not null;

    /// <summary>The level of a value without any simulation: where a count is new, by the nearest one that is known; none where none is.</summary>
    public double? LevelKnown(int value, WindowSpec window, double events, double alarmsPerMs)
    {
        if (Has(window, events))
        {
            return Level(value, window, events, alarmsPerMs);
        }

        for (var (away, below) = (0, Below(events)); away < MostDoublings; away++)
        {
            foreach (var doublings in new[] { below - away, below + 1 + away })
            {
                if (Known(window, doublings) is { } tail)
                {
                    return tail.LevelOf(value, alarmsPerMs) * noise(Math.Max(1, events)) / noise(Math.Pow(2, doublings));
                }
            }
        }

        return null;
    }

    /// <summary>The level of a value at which so many alarms begin in a millisecond.</summary>
    public double Level(int value, WindowSpec window, double events, double alarmsPerMs)
    {
        var below = Below(events);
        var part = Math.Max(0, Math.Log2(Math.Max(1, events)) - below);
        var noiseNow = noise(Math.Max(1, events));
        var (low, high) = (LevelAt(below), LevelAt(below + 1));

        // What has no noise at all, such as a single class, has levels that differ by the pseudo-events alone: the higher, and room for rounding.
        return noiseNow > 0 ? noiseNow * (low + (part * (high - low))) : (Math.Max(low, high) * 1.001) + 1e-9;

        double LevelAt(int doublings) =>
            Tail(window, doublings).LevelOf(value, alarmsPerMs) / (noiseNow > 0 ? noise(Math.Pow(2, doublings)) : 1);
    }

    /// <summary>Works out the tails that the levels at a count need.</summary>
    public void Prepare(WindowSpec window, double events)
    {
        Tail(window, Below(events));
        Tail(window, Below(events) + 1);
    }

    private NullTail? Known(WindowSpec window, int doublings) =>
        _tails.TryGetValue((window.LengthMs, window.SlideMs, doublings), out var tail) && tail.IsValueCreated ? tail.Value : null;

    private static int Below(double events) => Math.Max(Least, (int)Math.Floor(Math.Log2(Math.Max(1, events))));

    private NullTail Tail(WindowSpec window, int doublings)
    {
        var key = (window.LengthMs, window.SlideMs, doublings);
        if (!_tails.TryGetValue(key, out var tail))
        {
            tail = _tails.GetOrAdd(key, new Lazy<NullTail>(() => simulate(window, Math.Pow(2, doublings), Seed(window, doublings))));
        }

        try
        {
            return tail.Value;
        }
        catch
        {
            _tails.TryRemove(KeyValuePair.Create(key, tail)); // to be tried again
            throw;
        }
    }

    private int Seed(WindowSpec window, int doublings) => BinaryPrimitives.ReadInt32LittleEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{name}\0{window.LengthMs}\0{window.SlideMs}\0{doublings}"))));
}
