using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using CsCheck;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

public sealed class CompareWithRestTests : IDisposable
{
    private static readonly SeriesKey All = new("m", SeriesKey.All);
    private static readonly SeriesKey Canary = new("m", "canary");
    private static readonly SeriesKey Versus = new("m", "canary vs rest");
    private static readonly WindowSpec Spec = Given.Window("5m/10s");
    private static readonly ComparedSegments Compared = ComparedSegments.None with { General = ["canary"] };

    private readonly Subject<StageEvent> _windows = new();
    private readonly List<LiveWindow> _said = [];

    public void Dispose() => _windows.Dispose();

    private void Watch(ComparedSegments? compared = null) =>
        _windows.CompareWithRest(compared ?? Compared).OfType<LiveWindow>().Subscribe(_said.Add);

    private static LiveWindow Window(SeriesKey series, PaneSums sums, long toMs = 600_000, bool complete = true, string space = "s") => new(
        series, Spec, toMs, new PaneClasses(space, 1, null), sums.Events, Wide(sums.Mass), complete, toMs, Retired: false, null,
        sums.IsSparse ? sums.KeptCells.ToArray() : null)
    {
        Cells = sums.Cells,
        Squares = Wide(sums.Squares),
    };

    private static UInt128[] Wide(ReadOnlySpan<ulong> sums) => [.. sums.ToArray().Select(sum => (UInt128)sum)];

    private static PaneSums Sums(int cells, params IEnumerable<double[]> events)
    {
        var sums = new PaneSums(cells);
        foreach (var probabilities in events)
        {
            sums.Add(probabilities);
        }

        return sums;
    }

    private static readonly double[] A = [1, 0, 0];
    private static readonly double[] B = [0.25, 0.75, 0];

    [Fact]
    public void Comparison_FollowsItsSegment_WithTheRestOfTheSameTime()
    {
        Watch();
        _windows.OnNext(Window(All, Sums(3, A, B, B)));
        _windows.OnNext(Window(Canary, Sums(3, A)));
        Assert.Equal([All, Canary, Versus], _said.Select(window => window.Series));
        Assert.Equal((1, 2, true), (_said[2].Events, _said[2].Rest!.Events, _said[2].Rest!.Complete));
        var rest = Sums(3, B, B);
        Assert.Equal(Wide(rest.Mass), _said[2].Rest!.Mass);
        Assert.Equal(Wide(rest.Squares), _said[2].Rest!.Squares);
    }

    [Fact]
    public void A_version_is_compared_by_the_name_of_its_segment()
    {
        Watch(ComparedSegments.None with { General = ["version=2"] });
        var version = new SeriesKey("m", "version=2");
        _windows.OnNext(Window(All, Sums(3, A, B, B)));
        _windows.OnNext(Window(version, Sums(3, A)));
        Assert.Equal([All, version, new SeriesKey("m", "version=2 vs rest")], _said.Select(window => window.Series));
        Assert.Equal(2, _said[2].Rest!.Events);
    }

    /// <summary>Whichever comes last; and again with what has changed.</summary>
    [Fact]
    public void Comparison_ComesWhenBothAreThere()
    {
        Watch();
        _windows.OnNext(Window(All, Sums(3, A, B)));
        _windows.OnNext(Window(Canary, Sums(3, A), toMs: 610_000)); // of another end
        _windows.OnNext(Window(All, Sums(3, A, B, B), toMs: 610_000));
        _windows.OnNext(Window(All, Sums(3, A, B, B), toMs: 610_000, complete: false));
        Assert.Equal([All, Canary, All, Versus, All, Versus], _said.Select(window => window.Series));
        Assert.Equal([true, false], _said.Where(window => window.Series == Versus).Select(window => window.Rest!.Complete));
    }

    [Fact]
    public void OtherSegmentsAndModels_ArePassedOn()
    {
        Watch(new ComparedSegments(["canary"], ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("other", [])));
        _windows.OnNext(Window(All, Sums(3, A, B)));
        _windows.OnNext(Window(new SeriesKey("m", "stable"), Sums(3, A)));
        _windows.OnNext(Window(new SeriesKey("other", SeriesKey.All), Sums(3, A, B)));
        _windows.OnNext(Window(new SeriesKey("other", "canary"), Sums(3, A)));
        Assert.DoesNotContain(_said, window => window.Rest is not null);
        Assert.Equal(4, _said.Count);
    }

    /// <summary>All traffic waits for a source partition that the canary does not come from.</summary>
    [Fact]
    public void Segment_ThatIsASlideAhead_IsComparedWhenTheOthersHaveCome()
    {
        Watch();
        foreach (var toMs in new[] { 600_000, 610_000, 620_000, 630_000 })
        {
            _windows.OnNext(Window(Canary, Sums(3, A), toMs: toMs + 20_000));
            _windows.OnNext(Window(All, Sums(3, A, B), toMs: toMs));
        }

        Assert.Equal([620_000, 630_000], _said.Where(window => window.Series == Versus).Select(window => window.ToMs));
        Assert.All(_said.Where(window => window.Series == Versus), window => Assert.True(window.Complete));
    }

    /// <summary>What was shown is not ready any more, whoever has stayed behind.</summary>
    [Fact]
    public void Comparison_WhoseSidesHavePartedCompany_IsNotComplete()
    {
        Watch();
        _windows.OnNext(Window(All, Sums(3, A, B)));
        _windows.OnNext(Window(Canary, Sums(3, A)));
        _windows.OnNext(Window(Canary, Sums(3, A), toMs: 610_000));
        Assert.True(_said[^2].Complete); // it may yet come
        for (var toMs = 620_000; toMs <= 660_000; toMs += 10_000)
        {
            _windows.OnNext(Window(Canary, Sums(3, A), toMs: toMs));
        }

        Assert.Equal((Versus, false, 0), (_said[^1].Series, _said[^1].Complete, _said[^1].Rest!.Events));
        _windows.OnNext(Window(All, Sums(3, A, B), toMs: 660_000));
        Assert.Equal((Versus, true, 1), (_said[^1].Series, _said[^1].Complete, _said[^1].Rest!.Events));
        _windows.OnNext(Window(All, Sums(3, A, B), toMs: 670_000, space: "other"));
        Assert.Equal((Versus, false, 0), (_said[^1].Series, _said[^1].Complete, _said[^1].Rest!.Events));
    }

    [Fact]
    public void OtherClasses_AreNotCompared()
    {
        Watch();
        _windows.OnNext(Window(All, Sums(3, A, B)));
        _windows.OnNext(Window(Canary, Sums(3, A), space: "other"));
        Assert.Equal([All, Canary], _said.Select(window => window.Series));
    }

    /// <summary>All traffic was refused a pane for want of memory, which the segment has.</summary>
    [Fact]
    public void Segment_ThatHasMoreThanAllTraffic_IsComparedWithNothing()
    {
        Watch();
        _windows.OnNext(Window(All, Sums(3, A, A)));
        _windows.OnNext(Window(Canary, Sums(3, B)));
        Assert.Equal((0, false), (_said[2].Rest!.Events, _said[2].Rest!.Complete));
    }

    [Theory]
    [InlineData("canary")]
    [InlineData(SeriesKey.All)]
    public void Comparison_RetiresWithEitherSide_Once(string segment)
    {
        Watch();
        _windows.OnNext(Window(All, Sums(3, A, B)));
        _windows.OnNext(Window(Canary, Sums(3, A)));
        _windows.OnNext(Window(new SeriesKey("m", segment), Sums(3)) with { Retired = true });
        _windows.OnNext(Window(new SeriesKey("m", segment), Sums(3)) with { Retired = true });
        Assert.Equal([Versus], _said.Where(window => window is { Retired: true, Series.IsComparison: true }).Select(each => each.Series));
    }

    /// <summary>Whatever is kept: of a large vocabulary only the cells that hold anything are.</summary>
    [Theory]
    [InlineData(60)]
    [InlineData(2_000)]
    public void Rest_IsWhatTheOthersAddUpTo(int cells) =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 58], Gen.Double[0, 1]).Array[1, 40].Sample(events =>
        {
            double[] Output((int, int Class, double Share) drawn)
            {
                var output = new double[cells];
                output[drawn.Class] = drawn.Share;
                output[cells - 1] += 1 - drawn.Share;
                return output;
            }

            var said = new List<LiveWindow>();
            using var windows = new Subject<StageEvent>();
            using var subscription = windows.CompareWithRest(Compared).OfType<LiveWindow>().Subscribe(said.Add);
            windows.OnNext(Window(All, Sums(cells, events.Select(Output))));
            windows.OnNext(Window(Canary, Sums(cells, events.Where(drawn => drawn.Item1 == 0).Select(Output))));
            var (rest, expected) = (said[2].Rest!, Sums(cells, events.Where(drawn => drawn.Item1 == 1).Select(Output)));
            Assert.Equal(expected.Events, rest.Events);
            Assert.Equal(
                Wide(expected.MassOfAll()).Index().Where(cell => cell.Item > 0),
                rest.Mass.Index().Where(cell => cell.Item > 0).Select(cell => (rest.KeptCells?[cell.Index] ?? cell.Index, cell.Item)));
            Assert.Equal(Wide(expected.Squares).Sum(), rest.Squares.Sum());
        });
}

internal static class UInt128Sums
{
    public static UInt128 Sum(this UInt128[] units) => units.Aggregate(UInt128.Zero, (sum, unit) => sum + unit);
}
