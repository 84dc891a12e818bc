using DriftMonitor.Recorded;

namespace DriftMonitor.Worker.Tests.Recorded;

public sealed class TraceTests
{
    [Fact]
    public void Points_AreWhatWasAdded_WhileThereAreFew()
    {
        var trace = new Trace(slideMs: 10);
        trace.Add(Point(10, 0.5));
        trace.Add(Point(20, 0.1));
        Assert.Equal([10, 20], trace.Points.Select(point => point.ToMs));
        Assert.Equal(10, trace.SpacingMs);
    }

    [Fact]
    public void Points_OfALongTime_AreFewInOrderAndHoldEveryPeak()
    {
        const int evaluations = 100_003;
        var trace = new Trace(slideMs: 10);
        for (var i = 1; i <= evaluations; i++)
        {
            trace.Add(Point(10 * i, i % 10_000 == 0 ? 2 : 0.01));
        }

        Assert.InRange(trace.Points.Count, Trace.MaxPoints / 2, Trace.MaxPoints);
        Assert.Equal(trace.Points.OrderBy(point => point.ToMs), trace.Points);
        Assert.Equal(
            Enumerable.Range(1, 10).Select(i => 100_000L * i),
            trace.Points.Where(point => point.KlLiveVsReferenceNats > 1).Select(point => point.ToMs));
        Assert.Equal(320, trace.SpacingMs); // 32 × 4,096 is the first power of two times the most points that holds them
        Assert.InRange(trace.Points[^1].ToMs, (10 * evaluations) - trace.SpacingMs, 10 * evaluations);
    }

    private static TracePoint Point(long toMs, double nats) => new(toMs, nats, nats, 0.001, null, 0.1);
}
