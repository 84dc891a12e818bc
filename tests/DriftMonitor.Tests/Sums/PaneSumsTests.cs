using CsCheck;
using DriftMonitor.Divergence;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Sums;

/// <summary>The laws of a commutative group, to the bit, and the edges of construction.</summary>
public sealed class PaneSumsTests
{
    private const int Cells = 3;

    private static readonly Gen<PaneSums> Sums =
        Gen.Select(Gen.Double[0, 1].Array[Cells].Array[0, 20], Gen.Double[-20, 20].Array[0, 5], Gen.Bool).Select((events, values, exact) =>
        {
            var sums = new PaneSums(Cells);
            foreach (var probabilities in events)
            {
                sums.Add(probabilities);
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

    private static PaneSums Plus(PaneSums a, PaneSums b)
    {
        var sum = a.Copy();
        sum.Add(b);
        return sum;
    }

    [Fact]
    public void Add_Commutes() =>
        Gen.Select(Sums, Sums).Sample((a, b) => Plus(a, b).SameAs(Plus(b, a)));

    [Fact]
    public void Add_Associates() =>
        Gen.Select(Sums, Sums, Sums).Sample((a, b, c) => Plus(Plus(a, b), c).SameAs(Plus(a, Plus(b, c))));

    [Fact]
    public void Add_EmptyChangesNothing() =>
        Sums.Sample(a => Plus(a, new PaneSums(Cells)).SameAs(a) && Plus(new PaneSums(Cells), a).SameAs(a));

    [Fact]
    public void Subtract_UndoesAdd() =>
        Gen.Select(Sums, Sums).Sample((a, b) =>
        {
            var sum = Plus(a, b);
            sum.Subtract(b);
            return sum.SameAs(a);
        });

    [Fact]
    public void Subtract_ItselfLeavesNothing() =>
        Sums.Sample(a =>
        {
            var difference = a.Copy();
            difference.Subtract(a);
            return difference.SameAs(new PaneSums(Cells));
        });

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
    public void Copy_IsIndependent()
    {
        var sums = new PaneSums(1);
        var copy = sums.Copy();
        sums.Add([1.0]);
        Assert.True(copy.SameAs(new PaneSums(1)));
        Assert.False(copy.SameAs(sums));
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
