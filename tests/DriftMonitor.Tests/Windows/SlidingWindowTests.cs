using CsCheck;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>Panes of 20 ms made of base panes of 10 ms; [from, to) is what the window covers.</summary>
public sealed class SlidingWindowTests
{
    private const int Cells = 2;

    private static PaneSums Events(int count)
    {
        var sums = new PaneSums(Cells);
        for (var i = 0; i < count; i++)
        {
            sums.Add([1.0 / 3, 2.0 / 3]);
        }

        return sums;
    }

    // base pane   0  10  20  30  40  50  60
    // events      1   2   4   8  16  32
    // to=40       [_____________)                15
    // to=60               [_____________)        60
    // to=80                       [_____________)48
    [Fact]
    public void MoveTo_TakesInNewPanesAndDropsOldOnes()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells);
        for (var i = 0; i < 6; i++)
        {
            window.Add(i * 10, Events(1 << i), 0);
        }

        Assert.Null(window.ToMs);
        Assert.Equal(0, window.Events);
        foreach (var (time, to, events) in new[] { (40, 40, 15), (59, 40, 15), (60, 60, 60), (80, 80, 48), (120, 120, 0) })
        {
            window.MoveTo(time);
            Assert.Equal((to, events), (window.ToMs, window.Events));
            var third = (UInt128)(ulong)events * FixedPoint.FromProbability(1.0 / 3);
            Assert.Equal(third, window.Mass[0]);
        }
    }

    [Fact]
    public void CopyPanes_TellsThePanesOfTheWindowTheOldestFirst()
    {
        var window = new OutputWindow(Given.Window("100ms/10ms"), Cells);
        for (var i = 0; i < 14; i++)
        {
            if (i != 7)
            {
                window.Add(i * 10, Events(10 * i), 0);
            }
        }

        Assert.Null(window.CopyPanes());
        window.MoveTo(120); // [20, 120)

        var panes = window.CopyPanes()!;

        Assert.Equal([20, 30, 40, 50, 60, 0, 80, 90, 100, 110], panes.Events);
        for (var i = 0; i < panes.Events.Length; i++)
        {
            Assert.Equal(panes.Events[i] / 3.0, panes.MassOf(i)[0], 1e-7);
            Assert.Equal(panes.Events[i] * 2 / 3.0, panes.MassOf(i)[1], 1e-7);
        }
    }

    [Fact]
    public void CopyPanes_IsNotOfCellsOfWhichOnlySomeAreKept()
    {
        var window = new OutputWindow(Given.Window("100ms/10ms"), PaneSums.MaxDenseCells + 1);
        window.MoveTo(10);
        Assert.Null(window.CopyPanes());
    }

    [Theory]
    [InlineData("90ms/10ms", 2, 1_000, false)] // too few panes to tell a drift that lasts
    [InlineData("100ms/10ms", 2, 99, false)] // too few events
    [InlineData("100ms/10ms", 2, 100, true)]
    [InlineData("100ms/10ms", 1_024, 100, true)]
    [InlineData("100ms/10ms", 1_025, 1_000, false)] // of which only those are kept that hold anything
    [InlineData("144ms/1ms", 2, 719, false)] // 72 stretches of two panes
    [InlineData("144ms/1ms", 2, 720, true)]
    public void HaveCusum_IsForWindowsOfTenPanesWithTenEventsEachOverCellsThatAreAllKept(string spec, int cells, int events, bool has) =>
        Assert.Equal(has, WindowPanes.HaveCusum(Given.Window(spec), cells, events));

    [Fact]
    public void AWindowOfManyPanesIsToldInAtMost72Stretches()
    {
        Assert.Equal((3, 49), (WindowPanes.PanesOfStretch(Given.Window("145ms/1ms")), WindowPanes.Stretches(Given.Window("145ms/1ms"))));
        Assert.Equal((2, 72), (WindowPanes.PanesOfStretch(Given.Window("24h/10m")), WindowPanes.Stretches(Given.Window("24h/10m"))));
    }

    // base pane   0  10  20  30  40  50  60  70
    // events      1   2   4   8  16  32
    // to=40       [_____________)                  trailing [-40, 0)   0
    // to=60               [_____________)          trailing [-20, 20)  3
    // to=80       [.............[_____________)    trailing [0, 40)   15
    // to=120 and then 160: the live window is empty, then the trailing one, too
    [Fact]
    public void MoveTo_LetsPanesGoToTheTrailingWindowFirst()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells, trailing: true);
        for (var i = 0; i < 6; i++)
        {
            window.Add(i * 10, Events(1 << i), 0);
        }

        foreach (var (time, live, trailing) in new[] { (40, 15, 0), (60, 60, 3), (80, 48, 15), (100, 0, 60), (120, 0, 48), (140, 0, 0) })
        {
            window.MoveTo(time);
            var before = window.CopyTrailing(complete: true)!;
            Assert.Equal((live, trailing, true), (window.Events, before.Events, before.Complete));
            Assert.Equal((UInt128)(ulong)trailing * FixedPoint.FromProbability(1.0 / 3), before.Mass[0]);
            Assert.Equal((UInt128)(ulong)trailing * FixedPoint.FromProbability(4.0 / 9), before.Squares[1]);
        }
    }

    [Fact]
    public void Add_AndSubtract_ReachTheTrailingWindow_AndNoFurther()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells, trailing: true);
        window.MoveTo(100);
        window.Add(50, Events(1), 0); // [40, 60) is the last pane of the trailing window [20, 60)
        window.Add(20, Events(2), 0);
        window.Add(10, Events(4), 0); // [0, 20) ended when it began
        Assert.Equal((0, 3), (window.Events, window.CopyTrailing(true)!.Events));
        window.Subtract(20, Events(2));
        window.Subtract(10, Events(4));
        Assert.Equal((0, 1), (window.Events, window.CopyTrailing(true)!.Events));
    }

    [Fact]
    public void Trailing_ThatIsNotKept_IsNone() => Assert.Null(new OutputWindow(Given.Window("40ms/20ms"), Cells).CopyTrailing(true));

    [Fact]
    public void Trailing_IsNotChangedByWhatComesAfterIt()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells, trailing: true);
        window.Add(0, Events(1), 0);
        window.MoveTo(80);
        var copy = window.CopyTrailing(true)!;
        window.Add(0, Events(2), 0);
        Assert.Equal((1, 3), (copy.Events, window.CopyTrailing(true)!.Events));
        Assert.Equal(FixedPoint.FromProbability(1.0 / 3), copy.Mass[0]);
    }

    [Fact]
    public void MoveTo_SaysWhetherItMovedAndNeverGoesBack()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells);
        Assert.True(window.MoveTo(45));
        Assert.False(window.MoveTo(59));
        Assert.True(window.MoveTo(60));
        Assert.False(window.MoveTo(45));
        Assert.False(window.MoveTo(-100));
        Assert.Equal(60, window.ToMs);
    }

    [Fact]
    public void MoveTo_WorksBeforeTheEpoch()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells);
        window.Add(-30, Events(1), 0);
        window.Add(-10, Events(2), 0);
        window.Add(0, Events(4), 0);
        window.MoveTo(-1);
        Assert.Equal((-20, 1L), (window.ToMs, window.Events));
        window.MoveTo(0);
        Assert.Equal(3, window.Events);
        window.MoveTo(20);
        Assert.Equal(6, window.Events);
    }

    [Fact]
    public void Add_IgnoresWhatLiesBehind()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells);
        window.MoveTo(100);
        window.Add(50, Events(1), 0); // its pane [40, 60) ended when the window began
        window.Subtract(50, Events(1));
        Assert.Equal(0, window.Events);
        window.Add(60, Events(2), 0);
        Assert.Equal(2, window.Events);
    }

    [Fact]
    public void Add_KeepsNoHoldOfTheSums()
    {
        var window = new OutputWindow(Given.Window("40ms/20ms"), Cells);
        var sums = Events(1);
        window.Add(0, sums, 0);
        window.Add(10, Events(2), 0);
        Assert.True(sums.SameAs(Events(1)));
        sums.Add(Events(8));
        window.MoveTo(40);
        Assert.Equal(3, window.Events);
    }

    private enum Kind
    {
        Add,
        Subtract,
        Move,
    }

    /// <summary>Whatever the order of additions, retractions and moves, the totals are those of the panes covered, to the bit.</summary>
    [Fact]
    public void Totals_EqualARecomputation()
    {
        var step = Gen.Select(
            Gen.Int[0, 2].Select(i => (Kind)i),
            Gen.Int[-10, 40],
            Gen.Double[0, 1],
            (kind, pane, p) => (kind, pane, p));
        Gen.Select(step.List[0, 120], Gen.Int[0, 2], Gen.Bool).Sample(
            (steps, spec, trailing) =>
            {
                var window = new OutputWindow(
                    Given.Window(spec switch { 0 => "50ms/10ms", 1 => "60ms/20ms", _ => "30ms/30ms" }), Cells, trailing);
                var held = new List<(long Start, PaneSums Sums)>();
                foreach (var (kind, pane, p) in steps)
                {
                    switch (kind)
                    {
                        case Kind.Add:
                            var sums = new PaneSums(Cells);
                            sums.Add([p, 1 - p]);
                            held.Add((pane * 10, sums));
                            window.Add(pane * 10, sums, 0);
                            break;
                        case Kind.Subtract when held.Count > 0:
                            var (start, added) = held[(int)(p * held.Count) % held.Count];
                            held.Remove((start, added));
                            window.Subtract(start, added);
                            break;
                        case Kind.Move:
                            window.MoveTo((pane * 10) + (int)(p * 10));
                            break;
                    }

                    var (events, first, second, _, _) = Recomputed(window, held, 0);
                    Assert.Equal((events, first, second), (window.Events, window.Mass[0], window.Mass[1]));
                    if (window.CopyTrailing(true) is { } before)
                    {
                        Assert.Equal(
                            Recomputed(window, held, window.Spec.LengthMs),
                            (before.Events, before.Mass[0], before.Mass[1], before.Squares[0], before.Squares[1]));
                    }
                }
            },
            iter: 2_000);
    }

    private static (long Events, UInt128 First, UInt128 Second, UInt128 FirstSquares, UInt128 SecondSquares) Recomputed(
        OutputWindow window, List<(long Start, PaneSums Sums)> held, long endsBeforeMs)
    {
        var total = (Events: 0L, First: UInt128.Zero, Second: UInt128.Zero, FirstSquares: UInt128.Zero, SecondSquares: UInt128.Zero);
        foreach (var (start, sums) in held
            .Where(pane => window.ToMs - endsBeforeMs is { } to && pane.Start >= to - window.Spec.LengthMs && pane.Start < to))
        {
            total.Events += sums.Events;
            total.First += sums.Mass[0];
            total.Second += sums.Mass[1];
            total.FirstSquares += sums.Squares[0];
            total.SecondSquares += sums.Squares[1];
        }

        return total;
    }
}
