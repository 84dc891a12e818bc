using System.Collections.Concurrent;

namespace DriftMonitor.Calibration;

/// <summary>How often an alarm begins at a level, for levels far beyond those that were simulated.</summary>
/// <remarks>
/// <para>
/// Peaks over a threshold, declustered (S. Coles, <i>An Introduction to Statistical Modeling of Extreme Values</i>, 2001, 4.3 and 5.3.3).
/// Windows overlap, so values above a level come in clusters; an alarm is a cluster: it begins with the first value above and ends when all
/// have been below for a window's length, as <see cref="Alarms.AlarmTracker"/> has it. Clusters are counted, which gives their rate without
/// any assumption on how many looks are independent: a rate of the time in which no alarm is on. A cluster that lasts, as of every day's
/// crest or of a reference with bad luck, counts as many times as an alarm by chance would fit into it: else a level at which one alarm
/// never ends would keep any budget.
/// </para>
/// <para>
/// u₀ is the level that two fifths of the peaks of clusters at a moderate level exceed, so that also where a cluster is a whole night, what
/// is fitted is a tail.
/// </para>
/// <para>
/// Beyond u₀, excesses of the clusters' peaks are exponential once each level is put on the scale of −ln P(X &gt; u) of a
/// <see cref="GammaTail"/> with the moments of all values: the curvature of the tail is that of a sum of squares, its slope is fitted. (A
/// generalised Pareto distribution on the raw scale has a shape to fit as well: by its asymptotic error of ± 0.05 from 400 peaks, a rate a
/// thousand times rarer would be off by about a factor of 3; worked out, not tried.)
/// </para>
/// </remarks>
internal sealed class AlarmRateTail
{
    private const double KeptPeakShare = 0.4;
    private const int CountedLevels = 24;
    private const double MedianPlace = 0.6931471805599453; // −ln ½

    private readonly ConcurrentDictionary<double, double> _levels = new(); // of a few budgets, asked for at every evaluation
    private readonly GammaTail _scale;
    private readonly double _fitPlace;
    private readonly double _slope;
    private readonly double[] _logRates; // at levels from the median to u₀, at equal distances on the tail's scale

    private AlarmRateTail(GammaTail tail, double start, double slope, double[] logRates) =>
        (_scale, _fitPlace, _slope, _logRates) = (tail, start, slope, logRates);

    /// <summary>The level u₀ that it was fitted from; not known of one that was read.</summary>
    public double FitLevel { get; private init; }

    /// <summary>The level at which so many alarms begin per ms, at least all values' median: fitted beyond u₀, as counted below.</summary>
    public double LevelOf(double alarmsPerMs) =>
        _levels.GetOrAdd(alarmsPerMs, static (rate, tail) => tail._scale.Value(tail.PlaceOfRate(Math.Log(rate))), this);

    /// <summary>Fits the tail.</summary>
    /// <param name="values">The values of every look, run by run.</param>
    /// <param name="runLength">How many looks belong to a run.</param>
    /// <param name="windowLooks">How many looks a window is long.</param>
    /// <param name="lookMs">Milliseconds between looks.</param>
    /// <param name="clusters">About how many clusters to fit from.</param>
    public static AlarmRateTail Fit(ReadOnlySpan<double> values, int runLength, int windowLooks, double lookMs, int clusters)
    {
        var tail = FitScale(values);
        var peaks = new List<double>();
        foreach (var cluster in new ClustersAbove(values, runLength, windowLooks, LevelExceededByMaxima(values, windowLooks, clusters)))
        {
            peaks.Add(cluster.Peak);
        }

        peaks.Sort();
        var kept = Math.Max(1, (int)(peaks.Count * KeptPeakShare));
        var level = peaks.Count > kept ? peaks[^(kept + 1)] : values[0];
        var (start, alarms, excess) = (tail.MinusLogSurvival(level), 0.0, 0.0);
        foreach (var cluster in new ClustersAbove(values, runLength, windowLooks, level)) // a long one before may be several now
        {
            alarms += cluster.Alarms(windowLooks);
            excess += cluster.Alarms(windowLooks) * (tail.MinusLogSurvival(cluster.Peak) - start);
        }

        var logRates = new double[start > MedianPlace ? CountedLevels : 1];
        for (var i = logRates.Length - 1; i >= 0; i--)
        {
            var at = i == logRates.Length - 1 ? level : tail.Value(MedianPlace + ((start - MedianPlace) * i / (logRates.Length - 1)));
            var rate = Math.Log(RatePerLook(values, runLength, windowLooks, at) / lookMs);
            logRates[i] = i == logRates.Length - 1 ? rate : Math.Max(rate, logRates[i + 1]);
        }

        return new AlarmRateTail(tail, start, excess > 0 ? alarms / excess : 1, logRates) { FitLevel = level };
    }

    /// <summary>Writes all that levels follow from.</summary>
    public void WriteTo(BinaryWriter bytes)
    {
        _scale.WriteTo(bytes);
        bytes.Write(_fitPlace);
        bytes.Write(_slope);
        bytes.Write((byte)_logRates.Length);
        foreach (var rate in _logRates)
        {
            bytes.Write(rate);
        }
    }

    /// <inheritdoc cref="CalibratedWindow.ReadFrom"/>
    public static AlarmRateTail ReadFrom(BinaryReader bytes)
    {
        var (tail, start, slope) = (GammaTail.ReadFrom(bytes), CalibratedWindow.ReadFinite(bytes), CalibratedWindow.ReadFinite(bytes));
        var logRates = new double[bytes.ReadByte()];
        for (var i = 0; i < logRates.Length; i++)
        {
            logRates[i] = CalibratedWindow.ReadFinite(bytes);
        }

        return logRates.Length > 0 && slope > 0 ? new AlarmRateTail(tail, start, slope, logRates) : throw new InvalidDataException();
    }

    /// <summary>How many alarms begin in a look, of those in which none is on; one that stays on counts as several.</summary>
    public static double RatePerLook(ReadOnlySpan<double> values, int runLength, int windowLooks, double level)
    {
        var (alarms, off) = (0.0, values.Length);
        foreach (var cluster in new ClustersAbove(values, runLength, windowLooks, level))
        {
            alarms += cluster.Alarms(windowLooks);
            off -= cluster.LooksOn;
        }

        return Math.Max(1, alarms) / Math.Max(1, off);
    }

    /// <summary>Where a rate's level lies on the tail's scale.</summary>
    private double PlaceOfRate(double logRate)
    {
        if (logRate <= _logRates[^1] || _logRates.Length == 1)
        {
            return Math.Max(MedianPlace, _fitPlace + ((_logRates[^1] - logRate) / _slope));
        }

        var above = _logRates.Length - 1;
        while (above > 0 && _logRates[above - 1] < logRate)
        {
            above--;
        }

        var step = (_fitPlace - MedianPlace) / (_logRates.Length - 1);
        return above == 0 ? MedianPlace : MedianPlace + (step * (above - ((logRate - _logRates[above]) / (_logRates[above - 1] - _logRates[above]))));
    }

    private static GammaTail FitScale(ReadOnlySpan<double> values)
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
    private static double LevelExceededByMaxima(ReadOnlySpan<double> values, int windowLooks, int count)
    {
        var maxima = new double[Math.Max(1, values.Length / windowLooks)];
        for (var i = 0; i < maxima.Length; i++)
        {
            maxima[i] = TensorPrimitives.Max(values.Slice(i * windowLooks, Math.Min(windowLooks, values.Length - (i * windowLooks))));
        }

        Array.Sort(maxima);
        return maxima[Math.Max(0, maxima.Length - 1 - count)];
    }
}
