using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Expectations of Poisson counts X, weighted and added up over classes: what a <see cref="NoiseFloor"/> consists of.</summary>
/// <remarks>
/// A class' mean count λ is n times its share. Below <see cref="Most"/> its expectations are interpolated from a table, sixteen points an
/// octave, within 0.2 %; above it they are those of the first term in 1/λ. The table starts at 2⁻²⁰, below which no class weighs anything.
/// </remarks>
internal readonly struct PoissonSums
{
    private const double Most = 128; // 2⁷
    private const double Fewest = 1.0 / (1 << 20);
    private const int FractionBits = 48; // of the 52 bits of a double's fraction: the other 4 count the points of an octave
    private static readonly long First = BitConverter.DoubleToInt64Bits(Fewest) >> FractionBits;
    private static readonly Vector256<double>[] Table = Tabulate();

    private readonly Vector256<double> _sums;

    /// <summary>Adds up classes, weighted by q (1 − q).</summary>
    /// <param name="q">Their shares.</param>
    /// <param name="effective">w q, not NaN.</param>
    /// <param name="events">n: λ = n w q.</param>
    public PoissonSums(ReadOnlySpan<double> q, ReadOnlySpan<double> effective, double events)
    {
        // Implementation note: all in locals and one loop for each sample.
        var table = Table;
        events = Math.Min(events, double.MaxValue); // 0 times that is 0
        var (first, sums, absentLogarithm, absentClasses, many) = (First, Vector256<double>.Zero, 0.0, 0.0, 0.0);
        for (var k = 0; k < q.Length; k++)
        {
            var (mean, weight) = (effective[k] * events, q[k] * (1 - q[k]));
            if (mean >= Most)
            {
                many += weight / mean;
                continue;
            }

            var bits = BitConverter.DoubleToInt64Bits(mean > Fewest ? mean : Fewest);
            var place = (int)((bits >> FractionBits) - first);
            var between = (bits & ((1L << FractionBits) - 1)) * (1.0 / (1L << FractionBits));
            var moments = table[place] + (between * (table[place + 1] - table[place]));
            sums += weight * moments;
            absentClasses += moments[2];
            if (effective[k] > 1.001 * q[k])
            {
                absentLogarithm += weight * moments[2] * Math.Log(effective[k] / q[k]);
            }
        }

        (_sums, AbsentLogarithm, AbsentClasses, Many) = (sums, absentLogarithm, absentClasses, 0.5 * many);
    }

    private PoissonSums(Vector256<double> sums, double absentLogarithm, double absentClasses, double many) =>
        (_sums, AbsentLogarithm, AbsentClasses, Many) = (sums, absentLogarithm, absentClasses, many);

    /// <summary>E[X/λ ln X/λ], of the classes below <see cref="Most"/>.</summary>
    public double Relative => _sums[0];

    /// <summary>E[ln X/λ; X &gt; 0], of the same.</summary>
    public double Logarithm => _sums[1];

    /// <summary>E[ln X; X &gt; 0] − ln λ, of the same.</summary>
    public double LogarithmOfCount => _sums[3];

    /// <summary>P(X = 0).</summary>
    public double Absent => _sums[2];

    /// <summary>P(X = 0) ln w.</summary>
    public double AbsentLogarithm { get; }

    /// <summary>P(X = 0) of the classes, not weighted.</summary>
    public double AbsentClasses { get; }

    /// <summary>1/(2λ), of the classes from <see cref="Most"/> on.</summary>
    public double Many { get; }

    /// <summary>These, scaled, with some of their classes that have no mass replaced.</summary>
    /// <param name="scale">What their weights are multiplied by.</param>
    /// <param name="hidden">What replaces each.</param>
    /// <param name="classes">How many are replaced.</param>
    public PoissonSums With(double scale, PoissonSums hidden, double classes) => new(
        (scale * _sums) + (classes * hidden._sums),
        (scale * AbsentLogarithm) + (classes * hidden.AbsentLogarithm),
        AbsentClasses + (classes * (hidden.AbsentClasses - 1)),
        (scale * Many) + (classes * hidden.Many));

    private static Vector256<double>[] Tabulate()
    {
        var table = new Vector256<double>[(BitConverter.DoubleToInt64Bits(Most) >> FractionBits) - First + 1];
        for (var place = 0; place < table.Length; place++)
        {
            table[place] = Moments(BitConverter.Int64BitsToDouble((First + place) << FractionBits));
        }

        return table;
    }

    private static Vector256<double> Moments(double mean)
    {
        var absent = Math.Exp(-mean);
        var (relative, logarithm, probability) = (0.0, 0.0, absent);
        for (var count = 1; count < mean + 30 + (12 * Math.Sqrt(mean)); count++)
        {
            probability *= mean / count;
            relative += probability * (count / mean) * Math.Log(count);
            logarithm += probability * Math.Log(count);
        }

        // E[X/λ] is 1, so that ln λ leaves the first sum as it is
        var log = Math.Log(mean);
        return Vector256.Create(relative - log, logarithm - ((1 - absent) * log), absent, logarithm - log);
    }
}
