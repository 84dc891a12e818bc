using CsCheck;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

public sealed class DriftCusumTests
{
    private static readonly double[] Reference = [.6, .3, .09, .01];
    private static readonly double[] Variances = [.24, .21, .0819, .0099];

    // Worked out with numpy, step by step from the formula: k = 0.358…, so 3.58 of the deviation of ten events is forgiven.
    /// <summary>
    /// Of choices that are all alike the mean is that of each, also where a window expects less than one event of a class.
    /// </summary>
    [Fact]
    public void Nats_OfChoicesAreTheirMean()
    {
        double[] q = [.75, .249, .001], v = [.1875, .187, .001];
        double[] Thrice(double[] of) => [.. Enumerable.Repeat(of.Select(each => each / 3), 3).SelectMany(each => each)];
        var one = new DriftCusum(q, v, events: 200, referenceEvents: 10_000, fluctuation: .01);
        var three = new DriftCusum(
            Thrice(q), [.. Thrice(v).Select(each => each / 3)], events: 200, referenceEvents: 10_000, fluctuation: .01, choices: 3);
        foreach (double[] pane in (double[][])[[60, 38, 2], [65, 34, 1]])
        {
            one.Add(pane, 100);
            three.Add(Thrice(pane), 100);
        }

        Assert.InRange(one.Nats, 1e-3, 1);
        Assert.Equal(one.Nats, three.Nats, 1e-12);
    }

    [Fact]
    public void Nats_OfPanesByNumpy()
    {
        var cusum = new DriftCusum(Reference, Variances, events: 50, referenceEvents: 2_000, fluctuation: 0);
        (double[] Mass, double Nats)[] panes =
        [
            ([5, 4, 1, 0], 0),
            ([3, 6, 0, 1], 0.007535200587859805),
            ([0, 0, 0, 0], 0.007535200587859805),
            ([8, 10, 2, 0], 0.008000233192780535),
            ([4, 3, 2, 1], 0.012274872985589562),
        ];
        foreach (var (mass, nats) in panes)
        {
            cusum.Add(mass, mass.Sum());
            Assert.Equal(nats, cusum.Nats, 1e-12);
        }
    }

    [Fact]
    public void Nats_OfEventsLikeTheReferenceStaysZero()
    {
        var cusum = new DriftCusum(Reference, Variances, events: 1_000, referenceEvents: 10_000, fluctuation: 0);
        for (var i = 0; i < 10; i++)
        {
            cusum.Add([60, 30, 9, 1], 100);
            Assert.InRange(cusum.Nats, 0, 1e-20);
        }
    }

    /// <summary>d is n (p − q) in every pane: of its length k is forgiven once for each event, whatever panes the events are in.</summary>
    [Fact]
    public void Nats_OfADriftThatIsThereThroughoutIsHalfTheSquareOfItsExcess() =>
        Gen.Select(Gen.Double[0.05, 0.3], Gen.Int[1, 40], Gen.Double[100, 1e5], Gen.Double[0, 0.02]).Sample(
            (moved, panes, events, fluctuation) =>
        {
            double[] live = [.6 - moved, .3 + moved, .09, .01];
            var cusum = new DriftCusum(Reference, Variances, events, referenceEvents: 1e6, fluctuation);
            for (var i = 0; i < panes; i++)
            {
                cusum.Add([.. live.Select(share => share * events / panes)], events / panes);
            }

            var length = moved * Math.Sqrt((1 / .6) + (1 / .3));
            var trace = Variances.Zip(Reference, (variance, share) => variance / share).Sum(); // every class has an event or more
            var excess = Math.Max(0, length - Math.Sqrt(2.5 * ((trace * ((1 / events) + 1e-6)) + fluctuation)));
            Assert.Equal(excess * excess / 2, cusum.Nats, 1e-9);
        });

    [Fact]
    public void Nats_FallsOnceADriftIsOver()
    {
        var cusum = new DriftCusum(Reference, Variances, events: 1_000, referenceEvents: 10_000, fluctuation: 0);
        cusum.Add([30, 60, 9, 1], 100);
        var before = cusum.Nats;
        Assert.True(before > 0);
        for (var i = 0; i < 9; i++)
        {
            cusum.Add([60, 30, 9, 1], 100);
            Assert.True(cusum.Nats < before || cusum.Nats == 0);
            before = cusum.Nats;
        }

        Assert.Equal(0, before);
    }

    [Fact]
    public void Add_OfAnEmptyPaneChangesNothing()
    {
        var cusum = new DriftCusum(Reference, Variances, events: 1_000, referenceEvents: 10_000, fluctuation: 0);
        cusum.Add([30, 60, 9, 1], 100);
        var before = cusum.Nats;
        cusum.Add([0, 0, 0, 0], 0);
        Assert.Equal(before, cusum.Nats);
    }

    [Fact]
    public void New_WithVariancesOfOtherCellsIsRefused() =>
        Assert.Throws<ArgumentException>(() => new DriftCusum(Reference, [.24, .21], 50, 2_000, 0));
}
