using System.Collections.Concurrent;

namespace DriftMonitor.Calibration;

/// <summary>By how much more what is left of a window varies than a whole window does, when some of its panes do not count.</summary>
/// <remarks>
/// What is left varies by its events' noise, and by what traffic does by itself in the time that it covers, which averages out less in a
/// part than in the whole; and parts follow each other sooner. So a part is judged as the longest window is that fits into its time: by
/// the same multiple of what it shows by chance. Safe for concurrent use.
/// </remarks>
/// <param name="noise">The variance that sampling so many events brings.</param>
/// <param name="fluctuation">The variance that traffic itself brings between windows of a length, milliseconds: slow, and kept.</param>
internal sealed class PartScale(Func<double, double> noise, Func<long, double> fluctuation)
{
    private readonly ConcurrentDictionary<long, double> _variances = new(); // by length

    /// <summary>The variance that traffic itself brings between such windows. Worked out now if not yet.</summary>
    public double FluctuationVariance(WindowSpec window) => _variances.GetOrAdd(window.LengthMs, fluctuation);

    /// <summary>The same when it has been worked out; else null. Never slow.</summary>
    public double? KnownFluctuationVariance(WindowSpec window) => _variances.TryGetValue(window.LengthMs, out var known) ? known : null;

    /// <summary>Works out what the window and parts of it need: slow.</summary>
    /// <returns>It, by length.</returns>
    public ImmutableArray<KeyValuePair<long, double>> Prepare(WindowSpec window)
    {
        var prepared = ImmutableArray.CreateBuilder<KeyValuePair<long, double>>();
        for (var partMs = window.LengthMs; partMs >= Math.Max(1, window.SlideMs / 2); partMs /= 2)
        {
            prepared.Add(new(partMs, _variances.GetOrAdd(partMs, fluctuation)));
        }

        return prepared.DrainToImmutable();
    }

    /// <summary>Takes what <see cref="Prepare"/> has worked out before, here or elsewhere.</summary>
    public void Restore(ImmutableArray<KeyValuePair<long, double>> prepared)
    {
        foreach (var (lengthMs, variance) in prepared)
        {
            _variances[lengthMs] = variance;
        }
    }

    /// <summary>The windows that a part may be judged as, the nearest first; none before what it needs is known. Never slow.</summary>
    /// <param name="window">The window that it is left of.</param>
    /// <param name="events">How many events are left.</param>
    /// <param name="leftMs">What time is left, above 0.</param>
    /// <param name="windows">All that are watched.</param>
    /// <returns>Each with the events that it would have at the part's rate, and how many times its variance the part has.</returns>
    public IEnumerable<(WindowSpec Like, long Events, double VarianceRatio)> SimilarWindows(
        WindowSpec window, long events, long leftMs, ImmutableArray<WindowSpec> windows) =>
        _variances.TryGetValue(JudgedPartMs(window, leftMs), out var ofPart)
            ? from like in windows
              where KnownFluctuationVariance(like) is not null
              orderby like.LengthMs > leftMs, like.LengthMs > leftMs ? like.LengthMs : -like.LengthMs
              let likeEvents = Math.Max(1, (double)events * like.LengthMs / leftMs)
              let variance = noise(likeEvents) + KnownFluctuationVariance(like)!.Value
              select (like, (long)likeEvents, variance > 0 ? (noise(events) + ofPart) / variance : 1)
            : [];

    /// <summary>The longest half, quarter, … of a window that is no longer than what is left of it.</summary>
    private static long JudgedPartMs(WindowSpec window, long leftMs)
    {
        var partMs = window.LengthMs;
        while (partMs > leftMs)
        {
            partMs /= 2;
        }

        return partMs;
    }
}
