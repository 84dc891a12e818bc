namespace DriftMonitor.Benchmarks.Detection;

/// <summary>What a drift changes.</summary>
internal enum DriftShape
{
    /// <summary>Odd classes grow, even ones shrink: log-shares move by the size.</summary>
    Spread,

    /// <summary>One class in the middle grows: its log-share moves by four times the size.</summary>
    OneClass,
}

internal static class DriftShapes
{
    public static void Apply(this DriftShape shape, double[] logits, double[] shares, double size)
    {
        if (size == 0)
        {
            return;
        }

        if (shape == DriftShape.OneClass)
        {
            logits[Math.Min(shares.Length - 1, shares.Length / 3)] += 4 * size;
            return;
        }

        for (var k = 0; k < logits.Length; k++)
        {
            logits[k] += k % 2 == 0 ? -size : size;
        }
    }
}
