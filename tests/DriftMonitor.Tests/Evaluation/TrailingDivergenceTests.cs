using CsCheck;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

public sealed class TrailingDivergenceTests
{
    private static readonly ClassSpace Space = ClassSpace.Create(["a", "b"]);

    private static PaneSums Of(IEnumerable<double[]> events)
    {
        var sums = new PaneSums(Space.CellCount);
        foreach (var probabilities in events)
        {
            sums.Add(probabilities);
        }

        return sums;
    }

    /// <summary>One-hot events in "a", "b" and <c>__other__</c>.</summary>
    private static PaneSums Counts(int a, int b, int other = 0) => Of(
        [
            .. Enumerable.Repeat<double[]>([1, 0, 0], a), .. Enumerable.Repeat<double[]>([0, 1, 0], b),
            .. Enumerable.Repeat<double[]>([0, 0, 1], other)]);

    private static LiveWindow Window(PaneSums live, PaneSums? trailing, bool complete = true, bool trailingComplete = true) => new(
        new SeriesKey("m", SeriesKey.All),
        Given.Window("5m/10s"),
        ToMs: 0,
        new PaneClasses(Space.Id, 1, null),
        live.Events,
        Wide(live.Mass),
        complete,
        LatestEventMs: 0,
        Retired: false)
    {
        Trailing = trailing is null
            ? null
            : new OtherWindow(trailing.Events, Wide(trailing.Mass), Wide(trailing.Squares), trailingComplete),
    };

    private static UInt128[] Wide(ReadOnlySpan<ulong> sums) => [.. sums.ToArray().Select(sum => (UInt128)sum)];

    private static TrailingDivergence Evaluate(LiveWindow window, double pseudoEvents = 1, long minimum = 1) =>
        new DriftEvaluator(new EvaluationSettings(pseudoEvents, minimum)).Evaluate(window, null).Trailing!.Value;

    // T = (2, 1), m = 3: t̃ = (2.5, 1.5)/4 = (5, 3)/8.  S = (0, 1), n = 1: p̃ = (5/8, 1 + 3/8)/2 = (5, 11)/16.
    [Fact]
    public void Numbers_OfTwoClasses_ByHand()
    {
        var trailing = Evaluate(Window(Counts(0, 1), Counts(2, 1)));
        Assert.Equal((5 / 16.0 * Math.Log(1 / 2.0)) + (11 / 16.0 * Math.Log(11 / 6.0)), trailing.KlLiveVsTrailingNats, 1e-12);
        Assert.Equal((5 / 8.0 * Math.Log(2)) + (3 / 8.0 * Math.Log(6 / 11.0)), trailing.KlTrailingVsLiveNats, 1e-12);
        Assert.Equal(0.5 * (1 + (1 / 3.0)), trailing.NoiseFloorNats, 1e-9); // one-hot: (K − 1)/2 · (1/n + 1/m)
        Assert.Equal((3, 2, Readiness.Ready), (trailing.Events, trailing.Classes, trailing.Readiness));
    }

    // t = (.8, .2), Var = .01 of both: ½ (.01/.8 + .01/.2)(1/4 + 1/2)
    [Fact]
    public void NoiseFloor_OfSoftOutputs_IsThatOfTheTrailingEventsScatter() => Assert.Equal(
        0.5 * ((0.01 / 0.8) + (0.01 / 0.2)) * 0.75,
        Evaluate(Window(Counts(3, 1), Of([[0.9, 0.1, 0], [0.7, 0.3, 0]]))).NoiseFloorNats,
        1e-9);

    /// <summary>The window before in a reference's role: the same numbers as if a snapshot had been made of it.</summary>
    [Fact]
    public void Numbers_AreThoseOfAReferenceOfTheSameEvents() =>
        Gen.Select(Events, Events, Gen.Double[0.1, 5]).Sample((live, before, pseudoEvents) =>
        {
            var (window, sums) = (Window(Of(live), Of(before)), Of(before));
            var reference = new ReferenceSnapshot(
                "m", 1, DateTimeOffset.UnixEpoch, Space, new Dictionary<string, PaneSums> { [SeriesKey.All] = sums },
                [new ReferenceBlock(0, sums.Events, [.. sums.Mass])]);
            var report = new DriftEvaluator(new EvaluationSettings(pseudoEvents, 1)).Evaluate(window, reference);
            var (trailing, divergences) = (report.Trailing!.Value, report.Divergences!.Value);
            Assert.Equal(divergences.KlLiveVsReferenceNats, trailing.KlLiveVsTrailingNats, 1e-12);
            Assert.Equal(divergences.KlReferenceVsLiveNats, trailing.KlTrailingVsLiveNats, 1e-12);
        });

    private static readonly Gen<double[][]> Events =
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, 3], (p, other) => other == 0 ? [0, 0, 1.0] : new[] { p, 1 - p, 0 }).Array[1, 30];

    [Theory]
    [InlineData(100, 100, true, true, Readiness.Ready)]
    [InlineData(100, 99, true, true, Readiness.TooFewEvents)]
    [InlineData(99, 100, true, true, Readiness.TooFewEvents)]
    [InlineData(100, 100, true, false, Readiness.Incomplete)]
    [InlineData(100, 100, false, false, Readiness.Incomplete)]
    [InlineData(100, 99, true, false, Readiness.Incomplete)]
    public void Readiness_AsksBothWindows(int live, int before, bool complete, bool trailingComplete, Readiness expected)
    {
        var trailing = Evaluate(Window(Counts(live, 0), Counts(before, 0), complete, trailingComplete), minimum: 100);
        Assert.Equal((expected, expected == Readiness.Ready), (trailing.Readiness, trailing.Ready));
    }

    [Fact]
    public void EmptyTrailingWindow_HasNoNumbers()
    {
        var trailing = Evaluate(Window(Counts(5, 5), Counts(0, 0)));
        Assert.Equal((0, Readiness.TooFewEvents), (trailing.Events, trailing.Readiness));
        Assert.All(
            [trailing.KlLiveVsTrailingNats, trailing.KlTrailingVsLiveNats, trailing.NoiseFloorNats],
            number => Assert.Equal(double.NaN, number));
    }

    [Fact]
    public void EmptyLiveWindow_IsExactlyAtTheTrailingOne_AndHasNoFloor()
    {
        var trailing = Evaluate(Window(Counts(0, 0), Counts(5, 5)), minimum: 0);
        Assert.Equal((0, 0, double.NaN), (trailing.KlLiveVsTrailingNats, trailing.KlTrailingVsLiveNats, trailing.NoiseFloorNats));
        Assert.Equal(double.NaN, Evaluate(Window(Counts(0, 0), Counts(5, 5)), pseudoEvents: 0).KlLiveVsTrailingNats);
    }

    [Fact]
    public void NoTrailingWindow_LeavesTheReportWithout()
    {
        var report = new DriftEvaluator(new EvaluationSettings()).Evaluate(Window(Counts(5, 5), null), null);
        Assert.Equal((null, DriftPace.Unknown), (report.Trailing, report.Pace));
    }

    [Fact]
    public void Reference_SeesTheSameWindowWhetherOneTrailsOrNot()
    {
        var sums = Counts(5, 3, 1);
        var reference = new ReferenceSnapshot(
            "m", 1, DateTimeOffset.UnixEpoch, Space, new Dictionary<string, PaneSums> { [SeriesKey.All] = sums },
            [new ReferenceBlock(0, sums.Events, [.. sums.Mass])]);
        var evaluator = new DriftEvaluator(new EvaluationSettings());
        var with = evaluator.Evaluate(Window(Counts(50, 60), Counts(70, 40, 3)), reference);
        var without = evaluator.Evaluate(Window(Counts(50, 60), null), reference);
        Assert.Equal((without.Divergences, without.EntropyNats), (with.Divergences, with.EntropyNats));
        Assert.Equal(without.Contributions.AsSpan(), with.Contributions.AsSpan());
    }
}
