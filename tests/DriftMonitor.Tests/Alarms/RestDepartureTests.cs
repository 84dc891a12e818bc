using CsCheck;
using DriftMonitor.Alarms;

namespace DriftMonitor.Tests.Alarms;

public sealed class RestDepartureTests
{
    private static readonly RestDeparture Departure = new(noise: 1, restPerEvent: 9, pseudoEvents: 1);

    /// <summary>Cells of a segment and, with so many times as many events, of the rest.</summary>
    private static double[] Sums(double[] segment, double[] rest, double times = 9) =>
        [.. segment, .. rest.Select(count => count * times * segment.Sum() / rest.Sum())];

    private static readonly double[] Apart = Sums([300, 500, 200], [500, 300, 200]);

    [Fact]
    public void What_moves_both_is_no_departure() => Gen.Double[1, 1000].Array[3].Sample(counts =>
        Assert.InRange(Departure.Nats(Sums(counts, counts)), -1e-12, 1e-3)); // but for the pseudo-event

    [Fact]
    public void Nats_are_the_divergence_of_the_segment_from_the_rest() => Assert.Equal(
        (.3 * Math.Log(.3 / .5)) + (.5 * Math.Log(.5 / .3)), Departure.Nats(Sums([3e6, 5e6, 2e6], [5, 3, 2])), 1e-5);

    /// <summary>A pane of which one side has nothing says nothing.</summary>
    [Fact]
    public void Sums_of_one_side_alone_are_of_no_events()
    {
        double[] alone = [3, 5, 2, 0, 0, 0], others = [0, 0, 0, 3, 5, 2];
        Assert.Equal((0, 0, 0), (Departure.Events(alone), Departure.Nats(alone), Departure.Effect(alone)));
        Assert.Equal((0, 0, 0), (Departure.Events(others), Departure.Nats(others), Departure.Effect(others)));
        Assert.Equal(10, Departure.Events([3, 5, 2, 0, 0, 1]));
    }

    // 1 · (1/1000 + 1/9000)
    [Fact]
    public void Effect_is_above_what_both_numbers_of_events_show() =>
        Assert.Equal(Departure.Nats(Apart) - (1 / 900.0), Departure.Effect(Apart), 1e-12);

    [Fact]
    public void Evidence_counts_both_numbers_of_events() => Assert.Equal(900 * 0.01, Departure.EvidenceOf(1000, 0.01), 1e-9);

    /// <summary>Whatever both sides have come to: what tells is how the segment stands to the rest.</summary>
    [Theory]
    [InlineData(.5, .3, .2)]
    [InlineData(.2, .2, .6)]
    [InlineData(.1, .8, .1)]
    public void Pane_like_the_rest_repairs_and_one_that_departs_as_before_does_not(double a, double b, double c)
    {
        double[] rest = [a, b, c];
        double[] departing = [a * 300 / 500, b * 500 / 300, c];
        var total = departing.Sum();
        Assert.True(Departure.Repair(Sums([.. rest.Select(share => 100 * share)], rest), Apart) > 1);
        Assert.True(Departure.Repair(Sums([.. departing.Select(share => 100 * share / total)], rest), Apart) < -1);
    }

    [Fact]
    public void A_report_explains_its_like_and_a_part_of_it_and_nothing_that_goes_further_or_the_other_way()
    {
        double[] Part(double size) => Sums([500 - (200 * size), 300 + (200 * size), 200], [500, 300, 200]);

        Assert.True(Departure.Explains(Apart, Part(1), 10));
        Assert.True(Departure.Explains(Apart, Part(.5), 10));
        Assert.False(Departure.Explains(Apart, Part(2), 10));
        Assert.False(Departure.Explains(Apart, Part(-1), 10));

        // the same departure from a rest that has moved meanwhile
        var moved = Sums([.2 * 300 / 500 * 1000, .2 * 500 / 300 * 1000, .6 * 1000], [.2, .2, .6]);
        Assert.True(Departure.Explains(Apart, moved, 10));
    }
}
