using CsCheck;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Sums;

/// <summary>The laws of a commutative group, and the edges of construction.</summary>
public sealed class PaneSumsTests : SumsLaws<PaneSums>
{
    private const int Cells = 3;

    private static readonly WatchedModel Model = Given.Model();
    private static readonly ModelClasses Classes = Given.Classes(Cells - 1);

    private protected override Gen<PaneSums> Sums { get; } =
        Gen.Select(Gen.Double[0, 1].Array[Cells].Array[0, 20], Gen.Double[-20, 20].Array[0, 5], Gen.Bool).Select((events, values, exact) =>
        {
            var sums = new PaneSums(Cells);
            var record = new PredictionRecord();
            foreach (var probabilities in events)
            {
                probabilities.CopyTo(record.Begin(Model, Classes));
                sums.Add(record);
            }

            foreach (var value in values)
            {
                if (exact)
                {
                    sums.Add(new PairedKullbackLeibler(Math.Abs(value), value * value, value > 10));
                }
                else
                {
                    sums.Add(SampledKullbackLeibler.Of(-30, -30 + value));
                }
            }

            return sums;
        });

    private protected override PaneSums Zero => new(Cells);

    private protected override bool AreSame(PaneSums one, PaneSums other) => one.SameAs(other);

    [Fact]
    public void Add_OrderOfEventsDoesNotMatter() =>
        Gen.Select(Gen.Double[0, 1].Array[Cells].Array[0, 20], Gen.Int).Sample((events, seed) =>
        {
            var (forward, shuffled) = (new PaneSums(Cells), new PaneSums(Cells));
            var order = events.ToArray();
            new Random(seed).Shuffle(order);
            for (var i = 0; i < events.Length; i++)
            {
                forward.Add(events[i]);
                shuffled.Add(order[i]);
            }

            return forward.SameAs(shuffled);
        });

    [Fact]
    public void Add_SumsProbabilitiesAndTheirSquares()
    {
        var sums = new PaneSums(2);
        sums.Add([0.25, 0.75]);
        sums.Add([0.5, 0.5]);
        Assert.Equal(2, sums.Events);
        Assert.Equal([0.75, 1.25], sums.Mass.ToArray().Select(units => FixedPoint.ToEvents(units)));
        Assert.Equal([0.3125, 0.8125], sums.Squares.ToArray().Select(units => FixedPoint.ToEvents(units)));
    }

    [Fact]
    public void SameAs_SeesEveryPart()
    {
        var sums = new PaneSums(1, [2], [3]);
        Assert.True(sums.SameAs(new PaneSums(1, [2], [3])));
        Assert.False(sums.SameAs(new PaneSums(2, [2], [3])));
        Assert.False(sums.SameAs(new PaneSums(1, [3], [3])));
        Assert.False(sums.SameAs(new PaneSums(1, [2], [2])));
        Assert.False(sums.SameAs(new PaneSums(1, [2, 0], [3, 0])));
    }

    [Fact]
    public void Combining_RefusesAnotherNumberOfCells()
    {
        var sums = new PaneSums(2);
        Assert.Throws<ArgumentException>(() => sums.Add([1.0]));
        Assert.Throws<ArgumentException>(() => sums.Add(new PaneSums(3)));
        Assert.Throws<ArgumentException>(() => sums.Subtract(new PaneSums(1)));
        Assert.Equal(0, sums.Events);
    }

    [Fact]
    public void Constructor_RefusesPartsThatDoNotFit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PaneSums(0));
        Assert.Throws<ArgumentException>(() => new PaneSums(0, [], []));
        Assert.Throws<ArgumentException>(() => new PaneSums(0, [1], [1, 2]));
        Assert.Throws<ArgumentException>(() => new PaneSums(-1, [1], [1]));
    }
}
