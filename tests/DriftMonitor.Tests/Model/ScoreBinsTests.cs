using CsCheck;
using DriftMonitor.Model;

namespace DriftMonitor.Tests.Model;

public sealed class ScoreBinsTests
{
    [Fact]
    public void Names_SayTheEdges() => Assert.Equal(["<0", "[0,0.1)", "[0.1,1]", ">1", "NaN", "__other__"], AllNames([-0.0, 0.1, 1]));

    [Fact]
    public void SingleEdge_IsABinOfItself()
    {
        Assert.Equal(["<2", "[2,2]", ">2", "NaN", "__other__"], AllNames([2]));
        var bins = Of([2]);
        Assert.Equal([0, 1, 2, 3], new[] { 1.9, 2, 2.1, double.NaN }.Select(bins.CellOf));
    }

    [Theory]
    [InlineData(new double[0], "1 to 1001 edges")]
    [InlineData(new[] { 1.0, 1 }, "edge 1 at place 2")]
    [InlineData(new[] { 1.0, double.NaN }, "edge NaN at place 2")]
    [InlineData(new[] { double.NegativeInfinity }, "at place 1")]
    public void Edges_ThatAreNone(double[] edges, string said)
    {
        Assert.False(ScoreBins.TryCreate(edges, out _, out var problem));
        Assert.Contains(said, problem, StringComparison.Ordinal);
    }

    /// <summary>By the definition: a score's bin is found by going through the names in order.</summary>
    [Fact]
    public void CellOf_IsWhereTheEdgesPutIt() => Gen.Select(Gen.Double[-3, 3].Array[1, 8], Gen.Double[-4, 4], Gen.Int[-1, 7]).Sample(
        (values, random, pick) =>
    {
        var edges = values.Distinct().Order().ToArray();
        var score = pick >= 0 && pick < edges.Length ? edges[pick] : random;
        var last = edges[^1];
        var expected = score < edges[0] ? 0
            : score > last ? Math.Max(edges.Length - 1, 1) + 1
            : edges.Length == 1 || score == last ? Math.Max(edges.Length - 1, 1)
            : Enumerable.Range(0, edges.Length - 1).Single(i => score >= edges[i] && score < edges[i + 1]) + 1;
        Assert.Equal(expected, Of(edges).CellOf(score));
    });

    [Fact]
    public void Quantiles_ShareTheScoresOut()
    {
        // 0…99 in five bins of 20: edges at places 0, 20, 40, 60, 80 and the last
        var bins = ScoreBins.OfQuantiles(
            Enumerable.Range(0, 100).Select(i => (double)(i * 7 % 100)).Append(double.NaN).Append(double.PositiveInfinity), 5)!;
        Assert.Equal([0, 20, 40, 60, 80, 99], bins.Edges);
        Assert.Equal(
            [20, 20, 20, 20, 20], Enumerable.Range(0, 100).GroupBy(i => bins.CellOf(i)).OrderBy(g => g.Key).Select(g => g.Count()));
        Assert.Equal([0.5], ScoreBins.OfQuantiles([0.5, 0.5, 0.5], 10)!.Edges);
        Assert.Null(ScoreBins.OfQuantiles([double.NaN], 10));
    }

    private static ScoreBins Of(double[] edges)
    {
        Assert.True(ScoreBins.TryCreate(edges, out var bins, out _));
        return bins;
    }

    private static IEnumerable<string> AllNames(double[] edges)
    {
        var space = Of(edges).Space;
        return Enumerable.Range(0, space.CellCount).Select(space.NameOf);
    }
}
