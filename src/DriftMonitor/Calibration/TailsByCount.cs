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

    private readonly ConcurrentDictionary<(long LengthMs, long SlideMs, int Doublings), Lazy<NullTail>> _tails = new();

    /// <summary>Whether the levels at a count can be told at once.</summary>
    public bool Has(WindowSpec window, double events)
    {
        var below = Below(events);
        return Has(below) && Has(below + 1);

        bool Has(int doublings) => _tails.TryGetValue((window.LengthMs, window.SlideMs, doublings), out var tail) && tail.IsValueCreated;
    }

    /// <summary>The level of the first value, and the second's, at which so many alarms begin in a millisecond.</summary>
    public (double First, double Second) Levels(WindowSpec window, double events, double alarmsPerMs)
    {
        var below = Below(events);
        var part = Math.Max(0, Math.Log2(Math.Max(1, events)) - below);
        var (low, high) = (LevelsAt(below), LevelsAt(below + 1));
        var noiseNow = noise(Math.Max(1, events));
        return (Between(low.First, high.First), Between(low.Second, high.Second));

        double Between(double low, double high) => noiseNow * (low + (part * (high - low)));

        (double First, double Second) LevelsAt(int doublings)
        {
            var (first, second) = Tail(window, doublings).LevelsOf(alarmsPerMs);
            var scale = noise(Math.Pow(2, doublings));
            return (first / scale, second / scale);
        }
    }

    private static int Below(double events) => Math.Max(Least, (int)Math.Floor(Math.Log2(Math.Max(1, events))));

    private NullTail Tail(WindowSpec window, int doublings) => _tails.GetOrAdd(
        (window.LengthMs, window.SlideMs, doublings),
        _ => new Lazy<NullTail>(() => simulate(window, Math.Pow(2, doublings), Seed(window, doublings)))).Value;

    private int Seed(WindowSpec window, int doublings) => BinaryPrimitives.ReadInt32LittleEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{name}\0{window.LengthMs}\0{window.SlideMs}\0{doublings}"))));
}
