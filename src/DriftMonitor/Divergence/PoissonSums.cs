using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>Expectations of Poisson counts X, weighted and added up over classes: what a <see cref="NoiseFloor"/> consists of.</summary>
/// <remarks>
/// A class' mean count λ is n times its share. Below <see cref="Most"/> its expectations are interpolated from a table, sixteen points an
/// octave, within 0.2 %; above it they are those of the first term in 1/λ. The table starts at 2⁻²⁰, below which no class weighs anything.
/// </remarks>
/// <param name="events">n.</param>
internal struct PoissonSums(double events)
{
    private const double Most = 128; // 2⁷
    private const double Fewest = 1.0 / (1 << 20);
    private const int FractionBits = 48; // of the 52 bits of a double's fraction: the other 4 count the points of an octave
    private static readonly long First = BitConverter.DoubleToInt64Bits(Fewest) >> FractionBits;
    private static readonly Vector256<double>[] Table = Tabulate();

    private Vector256<double> _sums;

    /// <summary>E[X/λ ln X/λ], of the classes below <see cref="Most"/>.</summary>
    public readonly double Relative => _sums[0];

    /// <summary>E[ln X/λ; X &gt; 0], of the same.</summary>
    public readonly double Logarithm => _sums[1];

    /// <summary>E[ln X; X &gt; 0] − ln λ, of the same.</summary>
    public readonly double LogarithmOfCount => _sums[3];

    /// <summary>P(X = 0).</summary>
    public readonly double Absent => _sums[2];

    /// <summary>P(X = 0) ln w.</summary>
    public double AbsentLogarithm { get; private set; }

    /// <summary>P(X = 0) of the classes, not weighted.</summary>
    public double AbsentClasses { get; private set; }

    /// <summary>1/(2λ), of the classes from <see cref="Most"/> on.</summary>
    public double Many { get; private set; }

    /// <summary>Adds a class.</summary>
    /// <param name="share">λ/n.</param>
    /// <param name="weight">How much it counts.</param>
    /// <param name="effective">w, how many events one counts as.</param>
    /// <param name="classes">How many classes it stands for.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double share, double weight, double effective = 1, int classes = 1)
    {
        var mean = share * events;
        if (mean >= Most)
        {
            Many += 0.5 * weight / mean;
            return;
        }

        var bits = BitConverter.DoubleToInt64Bits(Math.Max(mean, Fewest));
        var place = (int)((bits >> FractionBits) - First);
        var between = (bits & ((1L << FractionBits) - 1)) * (1.0 / (1L << FractionBits));
        var moments = Table[place] + (between * (Table[place + 1] - Table[place]));
        _sums += weight * moments;
        AbsentClasses += classes * moments[2];
        if (effective > 1.001)
        {
            AbsentLogarithm += weight * moments[2] * Math.Log(effective);
        }
    }

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
