using DriftMonitor.Calibration;

namespace DriftMonitor.Tests.Calibration;

public sealed class ValueTailTests
{
    /// <summary>A Pareto distribution of P(X &gt; x) = x^−3 by bins of its own quantiles, of so many values.</summary>
    private static (double[] Values, double[] Shares) Pareto(int events)
    {
        var values = Enumerable.Range(0, events).Select(i => Math.Pow((i + .5) / events, -1 / 3.0)).Order().ToArray();
        return (values, [.. values.Select(_ => 1.0 / events)]);
    }

    /// <summary>Of a thousand values the largest is about 13; one in a million is above 100.</summary>
    [Fact]
    public void Tail_GoesOnAsItBegan()
    {
        var (values, shares) = Pareto(1_000);
        var (tailed, parts) = ValueTail.Of(values, shares, 1_000);
        Assert.Equal(1, parts.Sum(), 1e-4);
        foreach (var rarity in new[] { 1e-2, 1e-4, 1e-6 })
        {
            var (above, at) = (0.0, tailed.Length);
            while (at > 0 && above + parts[at - 1] < rarity)
            {
                above += parts[--at];
            }

            Assert.InRange(tailed[at - 1] / Math.Pow(rarity, -1 / 3.0), 0.75, 1.35);
        }
    }

    [Fact]
    public void Tail_OfWhatIsBoundedHardlyChanges()
    {
        double[] values = [.. Enumerable.Range(1, 100).Select(i => i / 100.0)];
        var (tailed, parts) = ValueTail.Of(values, [.. values.Select(_ => .01)], 10_000);
        Assert.Equal(values, tailed); // the highest bin alone has more than the tail
        Assert.Equal(100, parts.Length);
        var (fine, ofFine) = ValueTail.Of(
            [.. Enumerable.Range(1, 10_000).Select(i => i / 10_000.0)], [.. Enumerable.Repeat(1e-4, 10_000)], 10_000);
        Assert.InRange(fine.Max(), 1, 1.04);
        Assert.Equal(1, ofFine.Sum(), 1e-6);
    }

    [Theory]
    [InlineData(999)] // too few values
    [InlineData(100)]
    public void Tail_OfFewValuesIsAsTheyAre(int events)
    {
        var (values, shares) = Pareto(events);
        Assert.Equal((values, shares), ValueTail.Of(values, shares, events));
    }

    [Fact]
    public void Tail_OfErrorsIsNone()
    {
        double[] values = [0, 1], shares = [.999, .001];
        Assert.Equal((values, shares), ValueTail.Of(values, shares, 100_000));
        Assert.Equal(1, ValueTail.Of(values, [.9999, .0001], 10_000).Values.Max()); // one error: a tail of zeros has none
    }
}
