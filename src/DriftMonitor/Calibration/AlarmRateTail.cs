using System.Collections.Concurrent;

namespace DriftMonitor.Calibration;

/// <summary>How often an alarm begins at a level, for levels far beyond those that were simulated.</summary>
/// <remarks>
/// <para>
/// Peaks over a threshold, declustered (S. Coles, <i>An Introduction to Statistical Modeling of Extreme Values</i>, 2001, 4.3 and 5.3.3). Windows overlap, so
/// values above a level come in clusters; an alarm is a cluster: it begins with the first value above and ends when all have been below for a window's
/// length, as <see cref="Alarms.AlarmTracker"/> has it. The clusters at a moderate level are counted, which gives their rate without any
/// assumption on how many looks are independent; u₀ is the level that two fifths of their peaks exceed, so that also where a cluster is a whole night, what
/// is fitted is a tail.
/// </para>
/// <para>
/// Beyond u₀, excesses of the clusters' peaks are exponential once each level is put on the scale of −ln P(X &gt; u) of a <see cref="GammaTail"/> with the
/// moments of all values: the curvature of the tail is that of a sum of squares, its slope is fitted. (A generalised Pareto distribution on the raw
/// scale has a shape to fit as well: by its asymptotic error of ± 0.05 from 400 peaks, a rate a thousand times rarer would be off by about a factor of 3; worked out, not tried.)
/// </para>
/// </remarks>
internal sealed class AlarmRateTail
{
    private const double KeptPeaks = 0.4;
    private const double Median = 0.6931471805599453; // −ln ½

    private readonly ConcurrentDictionary<double, double> _levels = new(); // of a few budgets, asked for at every evaluation
    private readonly GammaTail _tail;
    private readonly double _start;
    private readonly double _slope;
    private readonly double _ratePerMs;

    private AlarmRateTail(GammaTail tail, double start, double slope, double ratePerMs) =>
        (_tail, _start, _slope, _ratePerMs) = (tail, start, slope, ratePerMs);

    /// <summary>The level u₀ that it is fitted from.</summary>
    public double FittedFrom { get; private init; }

    /// <summary>The level at which so many alarms begin in a millisecond, at least the median of all values.</summary>
    public double LevelOf(double alarmsPerMs) => _levels.GetOrAdd(
        alarmsPerMs, static (rate, tail) => tail._tail.Value(Math.Max(Median, tail._start + (Math.Log(tail._ratePerMs / rate) / tail._slope))), this);

    /// <summary>Fits the tail.</summary>
    /// <param name="values">The values of every look, run by run.</param>
    /// <param name="runLength">How many looks belong to a run.</param>
    /// <param name="windowLooks">How many looks a window is long.</param>
    /// <param name="lookMs">Milliseconds between looks.</param>
    /// <param name="clusters">About how many clusters to fit from.</param>
    public static AlarmRateTail Fit(ReadOnlySpan<double> values, int runLength, int windowLooks, double lookMs, int clusters)
    {
        var tail = MomentsOf(values);
        var peaks = Peaks(values, runLength, windowLooks, LevelWithMaxima(values, windowLooks, clusters));
        peaks.Sort();
        var kept = Math.Max(1, (int)(peaks.Count * KeptPeaks));
        var level = peaks.Count > kept ? peaks[^(kept + 1)] : values[0];
        var start = tail.MinusLogSurvival(level);
        peaks = Peaks(values, runLength, windowLooks, level); // a long cluster at the lower level may be several at this one
        var excess = peaks.Sum(peak => tail.MinusLogSurvival(peak) - start);
        return new AlarmRateTail(tail, start, excess > 0 ? peaks.Count / excess : 1, Math.Max(1, peaks.Count) / (values.Length * lookMs)) { FittedFrom = level };
    }

    /// <summary>The highest value of each cluster.</summary>
    public static List<double> Peaks(ReadOnlySpan<double> values, int runLength, int windowLooks, double level)
    {
        var peaks = new List<double>();
        for (var run = 0; run < values.Length; run += runLength)
        {
            var (peak, below) = (level, 0);
            foreach (var value in values.Slice(run, Math.Min(runLength, values.Length - run)))
            {
                if (value > level)
                {
                    (peak, below) = (Math.Max(peak, value), 0);
                }
                else if (peak > level && ++below >= windowLooks)
                {
                    peaks.Add(peak);
                    (peak, below) = (level, 0);
                }
            }

            if (peak > level)
            {
                peaks.Add(peak);
            }
        }

        return peaks;
    }

    private static GammaTail MomentsOf(ReadOnlySpan<double> values)
    {
        double mean = 0;
        foreach (var value in values)
        {
            mean += value / values.Length;
        }

        double second = 0, third = 0;
        foreach (var value in values)
        {
            var difference = value - mean;
            second += difference * difference / values.Length;
            third += difference * difference * difference / values.Length;
        }

        var deviation = Math.Sqrt(second);
        return new GammaTail(mean, Math.Max(deviation, double.Epsilon), deviation > 0 ? third / (second * deviation) : 0);
    }

    /// <summary>The level that the maxima of so many windows exceed.</summary>
    private static double LevelWithMaxima(ReadOnlySpan<double> values, int windowLooks, int count)
    {
        var maxima = new double[Math.Max(1, values.Length / windowLooks)];
        for (var i = 0; i < maxima.Length; i++)
        {
            maxima[i] = System.Numerics.Tensors.TensorPrimitives.Max(values.Slice(i * windowLooks, Math.Min(windowLooks, values.Length - (i * windowLooks))));
        }

        Array.Sort(maxima);
        return maxima[Math.Max(0, maxima.Length - 1 - count)];
    }
}
