using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

/// <summary>What all measures of two distributions promise, each held against a plain loop over <see cref="Math"/>.</summary>
public sealed class MeasuresTests
{
    private delegate double Measure(ReadOnlySpan<double> p, ReadOnlySpan<double> q);

    private static readonly Dictionary<string, (Measure Ours, Func<double[], double[], double> Plain)> All = new()
    {
        ["entropy"] = (static (p, q) => Entropy.Of(p) + 0 * q.Length, (p, _) => -Sum(p, p, (p, _) => p == 0 ? 0 : p * Math.Log(p))),
        ["cross-entropy"] = (CrossEntropy.Between, (p, q) => Sum(p, q, (p, q) => p == 0 ? 0 : -p * Math.Log(q))),
        ["KL"] = (KullbackLeibler.Divergence, PlainKl),
        ["JS"] = (JensenShannon.Divergence, PlainJs),
        ["JS distance"] = (JensenShannon.Distance, (p, q) => Math.Sqrt(PlainJs(p, q))),
        ["PSI"] = (PopulationStability.Index, (p, q) => PlainKl(p, q) + PlainKl(q, p)),
        ["TV"] = (TotalVariation.Distance, (p, q) => 0.5 * Sum(p, q, (p, q) => Math.Abs(p - q))),
        ["Hellinger"] = (Hellinger.Distance, (p, q) => Math.Sqrt(1 - Sum(p, q, (p, q) => Math.Sqrt(p * q)))),
        ["noise coefficient"] = (static (p, q) => NoiseFloor.Coefficient(p, q), (p, q) => 0.5 * Sum(p, q, (p, q) => p == 0 ? 0 : q / p)),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static TheoryData<string> OfTwoDistributions => [.. All.Keys.Where(name => name != "entropy")];

    public static TheoryData<string> Symmetric => ["JS", "JS distance", "PSI", "TV", "Hellinger"];

    [Theory, MemberData(nameof(Names))]
    public void Measure_IsThatOfAPlainLoopAtEveryLength(string name)
    {
        Random random = new(20260101);
        foreach (int classes in Enumerable.Range(1, 70).Append(1000))
        {
            double[] p = Weights(random, classes, zeros: false), q = Weights(random, classes, zeros: false);
            double expected = All[name].Plain(p, q);
            Assert.Equal(expected, All[name].Ours(p, q), 1e-12 * Math.Max(1, expected));

            p = Weights(random, classes, zeros: true);
            expected = All[name].Plain(p, q);
            Assert.Equal(expected, All[name].Ours(p, q), double.IsFinite(expected) ? 1e-12 * Math.Max(1, expected) : 0);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Measure_HasTheSameBitsWhereverTheSpansLie(string name)
    {
        double[] p = new double[100], q = new double[100];
        double expected = All[name].Ours(SimplexPoints.T, SimplexPoints.U);
        for (int offset = 0; offset < 8; offset++)
        {
            SimplexPoints.T.CopyTo(p, offset);
            SimplexPoints.U.CopyTo(q, 7 - offset);

            Assert.Equal(expected, All[name].Ours(p.AsSpan(offset, 10), q.AsSpan(7 - offset, 10)));
        }
    }

    [Theory, MemberData(nameof(Symmetric))]
    public void SymmetricMeasure_IsTheSameBothWays(string name) =>
        SimplexPoints.Pairs.Sample(pair =>
        {
            double forth = All[name].Ours(pair.P, pair.Q), back = All[name].Ours(pair.Q, pair.P);
            Assert.True(forth == back || Math.Abs(forth - back) <= 1e-12 * Math.Max(1, forth), $"{forth} is not {back}");
        });

    [Theory, MemberData(nameof(Names))]
    public void Measure_IsNeverNaNOnTheSimplex(string name) =>
        SimplexPoints.Pairs.Sample(pair => !double.IsNaN(All[name].Ours(pair.P, pair.Q)));

    [Theory, MemberData(nameof(Names))]
    public void Measure_RefusesNoClasses(string name) => Assert.Throws<ArgumentException>(() => All[name].Ours([], []));

    [Theory, MemberData(nameof(OfTwoDistributions))]
    public void Measure_RefusesDifferentLengths(string name)
    {
        Assert.Throws<ArgumentException>(() => All[name].Ours(SimplexPoints.T, SimplexPoints.U.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => All[name].Ours(SimplexPoints.T.AsSpan(1), SimplexPoints.U));
    }

    [Theory, MemberData(nameof(Names))]
    public void Measure_AllocatesNothing(string name)
    {
        Measure measure = All[name].Ours;
        measure(SimplexPoints.T, SimplexPoints.U);
        long before = GC.GetAllocatedBytesForCurrentThread();
        measure(SimplexPoints.T, SimplexPoints.U);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double[] Weights(Random random, int classes, bool zeros) => SimplexPoints.Normalise(
        [.. Enumerable.Range(0, classes).Select(_ => zeros && random.Next(4) == 0 ? 0 : random.NextDouble())]);

    private static double PlainKl(double[] p, double[] q) => Sum(p, q, (p, q) => p == 0 ? 0 : p * Math.Log(p / q));

    private static double PlainJs(double[] p, double[] q)
    {
        double[] middle = [.. p.Zip(q, (p, q) => (p + q) / 2)];
        return 0.5 * PlainKl(p, middle) + 0.5 * PlainKl(q, middle);
    }

    private static double Sum(double[] p, double[] q, Func<double, double, double> term) => p.Zip(q, term).Sum();
}
