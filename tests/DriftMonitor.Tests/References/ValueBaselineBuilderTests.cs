using CsCheck;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.References;

/// <summary>Values of any size and sign as histograms: what they keep of the values, whatever those are.</summary>
public sealed class ValueBaselineBuilderTests
{
    /// <summary>From the least unit to the largest value there is, k3 at ln r = 20, on both sides of zero.</summary>
    private static readonly Gen<double> AnyValue = Gen.OneOf(
        Gen.Double[-9.5, 8.69].Select(exponent => Math.Pow(10, exponent)),
        Gen.Double[-9.5, 1.3].Select(exponent => -Math.Pow(10, exponent)),
        Gen.Double[0, 44.4],
        Gen.Const(0.0));

    private static readonly Gen<(long TimeMs, long Units)[]> Events =
        Gen.Select(Gen.Long[-1_000_000, 1_000_000], AnyValue.Select(FixedPoint.FromNats)).Array[1, 300];

    private static ValueBaseline Built(IEnumerable<(long TimeMs, long Units)> events, long blockMs = 10_000)
    {
        var builder = new ValueBaselineBuilder(blockMs);
        foreach (var (timeMs, units) in events)
        {
            builder.Add(timeMs, units);
        }

        return builder.Build();
    }

    [Fact]
    public void Mean_IsExact() => Events.Sample(events =>
    {
        var exact = (double)events.Aggregate((Int128)0, (sum, e) => sum + e.Units) / FixedPoint.One / events.Length;
        var size = events.Max(e => Math.Abs((double)e.Units)) / FixedPoint.One;
        Assert.Equal(exact, Built(events).Mean, 1e-14 * size);
    });

    /// <summary>
    /// Values that scatter by at least 4 % of their size, whatever their shape: beyond that 256 bins an octave cannot be sure.
    /// </summary>
    [Fact]
    public void Variance_IsKeptToOnePercent() => Events.Sample(events =>
    {
        var values = events.Select(e => e.Units / FixedPoint.One).ToArray();
        var (mean, meanSquare) = (values.Average(), values.Average(x => x * x));
        var variance = values.Average(x => (x - mean) * (x - mean));
        if (variance < 0.04 * 0.04 * meanSquare)
        {
            return;
        }

        var baseline = Built(events);
        var kept = Enumerable.Range(0, baseline.BinMeans.Length)
            .Sum(bin => baseline.Blocks.Sum(block => block.Counts[bin]) * Math.Pow(baseline.BinMeans[bin] - mean, 2)) / events.Length;
        Assert.InRange(kept, 0.99 * variance, variance * (1 + 1e-9));
    });

    /// <summary>
    /// A model that is never sure: every label costs about 6.9 nats, give or take 3 %. Bins of a fixed tenth would have lost nearly all of
    /// it.
    /// </summary>
    [Fact]
    public void Variance_OfValuesNearOneAnother_IsKept_ByFinerBins()
    {
        var values = Enumerable.Range(0, 10_001).Select(i => 6.9 + (0.36 * ((i / 5_000.0) - 1))).ToArray(); // evenly over 6.9 ± 0.36
        var baseline = Built(values.Select((value, i) => ((long)i, FixedPoint.FromNats(value))));
        var kept = Enumerable.Range(0, baseline.BinMeans.Length)
            .Sum(bin => baseline.Blocks.Sum(block => block.Counts[bin]) * Math.Pow(baseline.BinMeans[bin] - 6.9, 2)) / values.Length;
        Assert.InRange(kept, 0.99 * 0.36 * 0.36 / 3, 1.001 * 0.36 * 0.36 / 3); // of an even spread ±a: a²/3
    }

    /// <summary>More bins of the finest than there may be: they are made coarser while values come, whichever come first.</summary>
    [Fact]
    public void Bins_OfValuesOverManyDecades_AreFew_AndDoNotDependOnTheOrder() =>
        Gen.Select(Gen.Double[-6, 8.69].Array[5_000], Gen.Int[0, int.MaxValue]).Sample(
        (exponents, seed) =>
        {
            var events = exponents.Select((exponent, i) => ((long)i * 1_000, FixedPoint.FromNats(Math.Pow(10, exponent)))).ToArray();
            var baseline = Built(events);
            Assert.InRange(baseline.BinMeans.Length, 1, 27 * 15);
            Assert.Equal(baseline.BinMeans.Order(), baseline.BinMeans);
            Assert.Equal(events.Average(e => e.Item2 / FixedPoint.One), baseline.Mean, 1e-14 * 4.9e8);
            new Random(seed).Shuffle(events);
            Same(baseline, Built(events));
        },
        iter: 10);

    [Fact]
    public void Bins_GrowAndKeepZeroApart()
    {
        var baseline = Built([(0, 0), (0, 1), (0, -1), (0, FixedPoint.FromNats(4.9e8)), (0, FixedPoint.FromNats(-20)), (5, 0)]);
        Assert.Equal([-20, -FixedPoint.Unit, 0, FixedPoint.Unit, 4.9e8], baseline.BinMeans);
        Assert.Equal([1L, 1, 2, 1, 1], Assert.Single(baseline.Blocks).Counts);
    }

    [Fact]
    public void Order_ChangesNoBit() => Gen.Select(Events, Gen.Int[0, int.MaxValue]).Sample((events, seed) =>
    {
        var shuffled = events.ToArray();
        new Random(seed).Shuffle(shuffled);
        Same(Built(events, blockMs: 1), Built(shuffled, blockMs: 1));
    });

    /// <summary>
    /// Blocks are made twice as long as the others of a reference, and then hold what blocks of that length would have held from the start.
    /// </summary>
    [Fact]
    public void Blocks_AreMadeTwiceAsLong_WhenThereAreTooMany() => Gen.Int[1, 4_000].Sample(
        blocks =>
        {
            var events = Enumerable.Range(0, blocks).Select(i => (i * 10L, FixedPoint.FromNats(i % 7))).ToArray();
            var length = blocks <= ReferenceBuilder.MaxBlocks ? 10 : 20;
            var baseline = Built(events, blockMs: 10);
            Same(Built(events, blockMs: length), baseline);
            Assert.InRange(baseline.Blocks.Length, 1, ReferenceBuilder.MaxBlocks);
            Assert.All(baseline.Blocks, block => Assert.Equal(0, block.StartMs % length));
            Assert.Equal(blocks, baseline.Events);
        },
        iter: 20);

    [Fact]
    public void Build_RefusesToBeOfNothing() => Assert.Throws<ArgumentException>(() => new ValueBaselineBuilder().Build());

    private static void Same(ValueBaseline expected, ValueBaseline actual)
    {
        Assert.Equal(expected.BinMeans.AsSpan(), actual.BinMeans.AsSpan());
        Assert.Equal(expected.Blocks.Length, actual.Blocks.Length);
        Assert.All(expected.Blocks.Zip(actual.Blocks), pair =>
        {
            Assert.Equal(pair.First.StartMs, pair.Second.StartMs);
            Assert.Equal(pair.First.Counts.AsSpan(), pair.Second.Counts.AsSpan());
        });
    }
}
