using System.Collections.Immutable;
using DriftMonitor.References;

namespace DriftMonitor.Tests.References;

public sealed class ValueBaselineTests
{
    private static ValueBlock Block(long startMs, params ImmutableArray<long> counts) => new(startMs, counts);

    [Fact]
    public void EventsAndMean_AreThoseOfAllBlocks()
    {
        var baseline = new ValueBaseline([-1, 0, 2.5], [Block(0, 1, 0, 2), Block(10, 0, 5, 2)]);
        Assert.Equal(10, baseline.Events);
        Assert.Equal(0.9, baseline.Mean, 1e-15); // (−1 + 4 · 2.5)/10
    }

    [Fact]
    public void Constructor_RefusesWhatIsNoBaseline_AndSaysWhy()
    {
        Refused("at least one bin and one block", () => new ValueBaseline([], [Block(0)]));
        Refused("at least one bin and one block", () => new ValueBaseline(default, default));
        Refused("at least one bin and one block", () => new ValueBaseline([1], []));
        Refused("NaN", () => new ValueBaseline([1, double.NaN], [Block(0, 1, 1)]));
        Refused("finite", () => new ValueBaseline([double.NegativeInfinity], [Block(0, 1)]));
        Refused("starts at 10 has not one count for each of the 2 bins", () => new ValueBaseline([1, 2], [Block(0, 1, 1), Block(10, 1)]));
        Refused("not one count", () => new ValueBaseline([1, 2], [new ValueBlock(0, default)]));
        Refused("negative count, or no events", () => new ValueBaseline([1, 2], [Block(0, 3, -1)]));
        Refused("negative count, or no events", () => new ValueBaseline([1, 2], [Block(0, 0, 0)]));
        Refused("oldest first", () => new ValueBaseline([1], [Block(10, 1), Block(0, 1)]));
        Refused("each once", () => new ValueBaseline([1], [Block(10, 1), Block(10, 1)]));
        Refused("more than can be counted", () => new ValueBaseline([1, 2], [Block(0, long.MaxValue, 1)]));
        Refused("more than can be counted", () => new ValueBaseline([1, 2], [Block(0, long.MaxValue, 0), Block(1, 1, 0)]));
    }

    private static void Refused(string problem, Func<ValueBaseline> build) =>
        Assert.Contains(problem, Assert.ThrowsAny<ArgumentException>(build).Message, StringComparison.Ordinal);
}
