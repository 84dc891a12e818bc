using System.Collections.Concurrent;

namespace DriftMonitor.Calibration;

/// <summary>The rate at which alarms begin at a level of one value, also at levels far beyond those that were simulated.</summary>
/// <remarks>
/// <para>
/// Input are the values of every look at driftless windows; a look is one position of the sliding window. Method: peaks over a threshold,
/// declustered (S. Coles, <i>An Introduction to Statistical Modeling of Extreme Values</i>, 2001, 4.3 and 5.3.3).
/// </para>
/// <para>
/// 1. Windows overlap, so values above a level come in clusters (<see cref="ClustersAbove"/>). A cluster counts as one alarm, or as several
/// if it is long. Counting clusters gives the rate of alarms without an assumption on how many looks are independent.
/// </para>
/// <para>
/// This is simpler than the rules that decide in service. It is the rule of <see cref="Alarms.WholeWindowRule"/>, for windows without
/// panes. <see cref="Alarms.AlarmRule"/> ends an alarm by evidence of repair and may begin the next one sooner: on the streams of
/// <c>detection false-alarms</c> it begins 0.96 to 1.15 times as many alarms as there are clusters, and is on for a shorter time.
/// </para>
/// <para>
/// 2. The rate is the number of alarms divided by the time in which none is on. A budget counts all time; the two agree when alarms
/// are rare. Without this, and without counting long clusters as several, a level above which an alarm never ends would keep any budget.
/// </para>
/// <para>
/// 3. A level u₀ is chosen such that two fifths of the peaks found at a moderate level exceed it. Up to u₀ rates are counted. Beyond u₀
/// they are fitted: each level is put on the scale of −ln P(X &gt; u), where P is a <see cref="GammaTail"/> with the moments of all values.
/// On that scale the peaks' excesses over u₀ are exponential. The gamma tail gives the curvature; one slope is fitted, and is 1 if the
/// gamma tail is exact.
/// </para>
/// <para>
/// A generalised Pareto distribution on the raw scale has a shape to fit as well. The asymptotic error of the shape is ± 0.05 for 400
/// peaks, which would put a rate a thousand times rarer off by about a factor of 3 (worked out, not tried). Here the fit has fewer peaks:
/// about 156 for 72 panes and few cells, 375 for 30 panes.
/// </para>
/// </remarks>
internal sealed class AlarmRateTail
{
    /// <summary>
    /// The share of the peaks at the moderate level that exceed u₀; chosen such that a night-long cluster still leaves a tail.
    /// </summary>
    private const double KeptPeakShare = 0.4;

    /// <summary>How many levels, from the fitted distribution's median to u₀, alarms are counted at; chosen.</summary>
    private const int CountedLevels = 24;

    /// <summary>Where the median of the gamma tail lies on its scale: −ln ½. Not a value in nats.</summary>
    private const double MedianPlace = 0.6931471805599453;

    private readonly ConcurrentDictionary<double, double> _levels = new(); // by alarms per ms: few, asked for at every evaluation
    private readonly GammaTail _scale;
    private readonly double _fitPlace; // u₀ on the tail's scale
    private readonly double _slope; // of ln(rate) beyond it; 1 for an exact gamma tail
    private readonly double[] _logRates; // ln(alarms per ms) at levels from the median to u₀, at equal distances on the tail's scale

    private AlarmRateTail(GammaTail tail, double start, double slope, double[] logRates) =>
        (_scale, _fitPlace, _slope, _logRates) = (tail, start, slope, logRates);

    /// <summary>The level u₀. Only <see cref="Fit"/> sets it: 0 after <see cref="ReadFrom"/>, where nothing needs it.</summary>
    public double FitLevel { get; private init; }

    /// <summary>
    /// The level at which so many alarms begin per ms: counted up to u₀, fitted beyond, never below the gamma tail's median.
    /// </summary>
    public double LevelOf(double alarmsPerMs) =>
        _levels.GetOrAdd(alarmsPerMs, static (rate, tail) => tail._scale.Value(tail.PlaceOfRate(Math.Log(rate))), this);

    /// <summary>Fits the tail.</summary>
    /// <param name="values">The values of every look, run by run; a run is one redrawn reference.</param>
    /// <param name="runLength">Looks in a run.</param>
    /// <param name="windowLooks">Looks in a window's length.</param>
    /// <param name="lookMs">Milliseconds between looks.</param>
    /// <param name="clusters">About how many clusters the moderate level has; <see cref="KeptPeakShare"/> of them are fitted.</param>
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
        var level = peaks.Count > kept ? peaks[^(kept + 1)] : values[0]; // without clusters, as of values that are all equal: any value
        var (start, alarms, excess) = (tail.MinusLogSurvival(level), 0.0, 0.0);
        foreach (var cluster in new ClustersAbove(values, runLength, windowLooks, level)) // a long cluster may split at a higher level
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

    /// <summary>Writes everything that levels are computed from.</summary>
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

    /// <summary>Alarms per look in which no alarm is on. At least one alarm is assumed. One that stays on counts as several.</summary>
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

    /// <summary>The place of a rate's level on the tail's scale, from ln(alarms per ms).</summary>
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
        return above == 0
            ? MedianPlace
            : MedianPlace + (step * (above - ((logRate - _logRates[above]) / (_logRates[above - 1] - _logRates[above]))));
    }

    /// <summary>The gamma tail with the mean, variance and skewness of all values.</summary>
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

    /// <summary>
    /// The level that the maxima of so many windows exceed. Windows are cut end to end from all values, also across runs; a rest is
    /// ignored.
    /// </summary>
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
