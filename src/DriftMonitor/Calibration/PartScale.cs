using System.Collections.Concurrent;

namespace DriftMonitor.Calibration;

/// <summary>Judges the part that is left of a window, when some of its panes do not count, by a whole window of a similar length.</summary>
/// <remarks>
/// A part varies by the sampling noise of its events, and by the fluctuation of the traffic over the time that it covers. This averages out
/// less in a part than in the whole window, and parts follow each other sooner. So a part is judged as the longest watched window that fits
/// into its time (a <em>similar</em> window): its threshold is that window's, times the ratio of their variances. Safe for concurrent use.
/// </remarks>
/// <param name="noise">The variance of sampling so many events.</param>
/// <param name="fluctuation">
/// The variance of the traffic itself between windows of a length in milliseconds. Slow; results are kept.
/// </param>
internal sealed class PartScale(Func<double, double> noise, Func<long, double> fluctuation)
{
    private readonly ConcurrentDictionary<long, double> _variances = new(); // by length, ms

    /// <summary>The variance of the traffic itself between such windows; computed now if it is not known.</summary>
    public double FluctuationVariance(WindowSpec window) => _variances.GetOrAdd(window.LengthMs, fluctuation);

    /// <summary>The same if it is known; else null. Never slow.</summary>
    public double? KnownFluctuationVariance(WindowSpec window) => _variances.TryGetValue(window.LengthMs, out var known) ? known : null;

    /// <summary>Computes the variances of the window and of its half, quarter, … down to about half a slide. Slow.</summary>
    /// <returns>The variances by length, milliseconds.</returns>
    public ImmutableArray<KeyValuePair<long, double>> Prepare(WindowSpec window)
    {
        var prepared = ImmutableArray.CreateBuilder<KeyValuePair<long, double>>();
        for (var partMs = window.LengthMs; partMs >= Math.Max(1, window.SlideMs / 2); partMs /= 2)
        {
            prepared.Add(new(partMs, _variances.GetOrAdd(partMs, fluctuation)));
        }

        return prepared.DrainToImmutable();
    }

    /// <summary>Takes what <see cref="Prepare"/> returned before, here or on another replica.</summary>
    public void Restore(ImmutableArray<KeyValuePair<long, double>> prepared)
    {
        foreach (var (lengthMs, variance) in prepared)
        {
            _variances[lengthMs] = variance;
        }
    }

    /// <summary>
    /// The windows that a part may be judged as: those that fit into it, the longest first, then longer ones, the shortest first. None
    /// before the variances are known. Never slow.
    /// </summary>
    /// <param name="window">The window that the part is left of.</param>
    /// <param name="events">The part's events.</param>
    /// <param name="leftMs">The time that the part covers, above 0.</param>
    /// <param name="windows">All watched windows.</param>
    /// <returns>Each with the events that it would have at the part's rate, and the part's variance divided by its own.</returns>
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

    /// <summary>The longest of the window, its half, its quarter, … that is no longer than what is left of it.</summary>
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
