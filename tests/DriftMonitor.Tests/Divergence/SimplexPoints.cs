using CsCheck;

namespace DriftMonitor.Tests.Divergence;

/// <summary>Random points on the simplex, with zeros and very small classes among them, and the worked vectors of the design.</summary>
internal static class SimplexPoints
{
    private static readonly Gen<double> Positive = Gen.Frequency((3, Gen.Double[1e-9, 1]), (1, Gen.Double[-40, 0].Select(Math.Exp)));
    private static readonly Gen<double> WithZeros = Gen.Frequency((1, Gen.Const(0.0)), (3, Positive));

    /// <summary>Two points over the same 1 to 70 classes, neither with a zero.</summary>
    public static readonly Gen<(double[] P, double[] Q)> PositivePairs = Pair(Positive, Positive);

    /// <summary>
    /// Two points over the same 1 to 70 classes, related in every way that matters: zeros nowhere, in p only, in both at the same classes,
    /// anywhere, no class in common, or nearly equal.
    /// </summary>
    public static readonly Gen<(double[] P, double[] Q)> Pairs = Gen.OneOf(
        PositivePairs,
        Pair(WithZeros, Positive),
        Pair(WithZeros, Positive).Select(pair => (pair.P, Normalise([.. pair.P.Zip(pair.Q, (p, q) => p == 0 ? 0 : q)]))),
        Pair(WithZeros, WithZeros),
        Pair(Positive, Positive).Where(pair => pair.P.Length > 1).Select(pair => (Every(pair.P, 0), Every(pair.Q, 1))),
        Pair(WithZeros, Positive).Select(pair => (pair.P, Normalise([.. pair.P.Zip(pair.Q, (p, q) => p * (1 + 1e-6 * q))]))));

    public static readonly double[] U =
        [.07101131, .25138296, .03700347, .06843929, .11482246, .1339393, .0503426, .05639414, .13406714, .08259733];

    public static readonly double[] T =
        [.17719221, .0949423, .02982267, .19927063, .19288318, .00137802, .07398598, .05829106, .06771774, .10451622];

    /// <summary>The weights over their sum; all of it on the first class if there is none.</summary>
    public static double[] Normalise(double[] weights)
    {
        double sum = weights.Sum();
        return sum > 0 ? [.. weights.Select(w => w / sum)] : [1, .. weights[1..]];
    }

    /// <summary>Two points over the same 1 to 70 classes, from weights such as these.</summary>
    public static Gen<(double[] P, double[] Q)> Pair(Gen<double> p, Gen<double> q) => Gen.Int[1, 70].SelectMany(classes =>
        Gen.Select(p.Array[classes].Select(Normalise), q.Array[classes].Select(Normalise)));

    private static double[] Every(double[] weights, int odd) => Normalise([.. weights.Select((w, k) => k % 2 == odd ? w : 0)]);
}
