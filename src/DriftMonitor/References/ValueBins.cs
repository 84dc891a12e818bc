using System.Numerics;

namespace DriftMonitor.References;

/// <summary>A <see cref="ValueBaseline"/>'s bins: each power of two, either side of 0, has 2ᵇ of equal width: finer near 0.</summary>
/// <remarks>
/// Of whole numbers (units of <see cref="Sums.FixedPoint"/>) and whole numbers themselves: no rounding, so a value's bin is the same
/// everywhere. Zero and the numbers below 2ᵇ⁺¹ have a bin each. A bin is at most 2⁻ᵇ of its values wide. The bins of fewer bits are unions
/// of those of more.
/// </remarks>
internal static class ValueBins
{
    /// <summary>The finest: 256 to a power of two, 850 a decade.</summary>
    public const int MostBits = 8;

    /// <summary>The coarsest: 8 to a power of two, 27 a decade.</summary>
    public const int LeastBits = 3;

    /// <summary>The bin of a value, growing with it; that of −x is the negative of x's.</summary>
    public static int Of(long units, int bits)
    {
        var magnitude = (ulong)(units < 0 ? -(Int128)units : units);
        var dropped = Math.Max(0, BitOperations.Log2(magnitude) - bits);
        var bin = (dropped << bits) + (int)(magnitude >> dropped);
        return units < 0 ? -bin : bin;
    }

    /// <summary>The bin of fewer bits that holds a bin.</summary>
    /// <param name="bin">The bin.</param>
    /// <param name="bits">Its bits.</param>
    /// <param name="fewer">At most as many.</param>
    public static int Coarser(int bin, int bits, int fewer)
    {
        var dropped = Math.Max(0, (Math.Abs(bin) >> bits) - 1);
        var least = (long)((ulong)(Math.Abs(bin) - (dropped << bits)) << dropped); // the smallest magnitude in the bin
        return Of(bin < 0 ? -least : least, fewer);
    }
}
