using CsCheck;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

/// <summary>A segment beside the rest of its model's live traffic: as beside a reference of the same events.</summary>
public sealed class RestComparisonTests
{
    private static readonly ClassSpace Space = ClassSpace.Create(["a", "b"]);

    private static readonly Gen<double[][]> Events =
        Gen.Select(Gen.Double[0, 1], Gen.Int[0, 3], (p, other) => other == 0 ? [0, 0, 1.0] : new[] { p, 1 - p, 0 }).Array[1, 30];

    private static PaneSums Of(IEnumerable<double[]> events)
    {
        var sums = new PaneSums(Space.CellCount);
        foreach (var probabilities in events)
        {
            sums.Add(probabilities);
        }

        return sums;
    }

    private static PaneSums Counts(int a, int b) =>
        Of([.. Enumerable.Repeat<double[]>([1, 0, 0], a), .. Enumerable.Repeat<double[]>([0, 1, 0], b)]);

    private static UInt128[] Wide(ReadOnlySpan<ulong> sums) => [.. sums.ToArray().Select(sum => (UInt128)sum)];

    private static LiveWindow Window(PaneSums live, PaneSums? rest, bool complete = true, bool restComplete = true) => new(
        new SeriesKey("m", "canary").VersusRest, Given.Window("5m/10s"), ToMs: 0, new PaneClasses(Space.Id, 1, null), live.Events,
        Wide(live.Mass), complete, LatestEventMs: 0, Retired: false)
    {
        Rest = rest is null ? null : new OtherWindow(rest.Events, Wide(rest.Mass), Wide(rest.Squares), restComplete),
    };

    private static DriftReport Evaluate(LiveWindow window, double pseudoEvents = 1, long minimum = 1) =>
        new DriftEvaluator(new EvaluationSettings(pseudoEvents, minimum), configured: _ => Space).Evaluate(window, null);

    [Fact]
    public void Numbers_AreThoseOfAReferenceOfTheSameEvents() =>
        Gen.Select(Events, Events, Gen.Double[0.1, 5]).Sample((live, others, pseudoEvents) =>
        {
            var sums = Of(others);
            var reference = new ReferenceSnapshot(
                "m", 1, DateTimeOffset.UnixEpoch, Space, new Dictionary<string, PaneSums> { [SeriesKey.All] = sums },
                [new ReferenceBlock(0, sums.Events, [.. sums.Mass])]);
            var expected = new DriftEvaluator(new EvaluationSettings(pseudoEvents, 1))
                .Evaluate(Window(Of(live), null) with { Series = new SeriesKey("m", SeriesKey.All) }, reference).Divergences!.Value;
            var found = Evaluate(Window(Of(live), sums), pseudoEvents).Divergences!.Value;
            Assert.Equal(expected.KlLiveVsReferenceNats, found.KlLiveVsReferenceNats, 1e-12);
            Assert.Equal(expected.KlReferenceVsLiveNats, found.KlReferenceVsLiveNats, 1e-12);
            Assert.Equal(expected.JensenShannonNats, found.JensenShannonNats, 1e-12);
            Assert.Equal(expected.NoiseFloorNats, found.NoiseFloorNats, 1e-9);
            Assert.Equal((double.NaN, double.NaN), (found.UnseenMassRatio, found.CusumNats)); // no class is unseen by live traffic
        });

    [Fact]
    public void Classes_AreNamed_WhereTheyAreConfigured()
    {
        var report = Evaluate(Window(Counts(30, 70), Counts(500, 500)));
        Assert.Equal(["b", "a"], report.Contributions.Select(moved => moved.Class).Order(StringComparer.Ordinal).Reverse());
        var unnamed = new DriftEvaluator(new EvaluationSettings()).Evaluate(Window(Counts(30, 70), Counts(500, 500)), null);
        Assert.Empty(unnamed.Contributions);
        Assert.Equal(unnamed.Divergences!.Value.KlLiveVsReferenceNats, unnamed.RestContributionNats);
    }

    [Theory]
    [InlineData(100, 100, true, true, Readiness.Ready)]
    [InlineData(100, 99, true, true, Readiness.TooFewEvents)]
    [InlineData(99, 100, true, true, Readiness.TooFewEvents)]
    [InlineData(100, 100, true, false, Readiness.Incomplete)]
    [InlineData(100, 100, false, true, Readiness.Incomplete)]
    public void Readiness_AsksBothSides(int live, int rest, bool complete, bool restComplete, Readiness expected) => Assert.Equal(
        expected, Evaluate(Window(Counts(live, 0), Counts(rest, 0), complete, restComplete), minimum: 100).Readiness);

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100, 0)]
    public void NoEvents_OnEitherSide_AreNoNumbers(int live, int rest)
    {
        var report = Evaluate(Window(Counts(live, 0), Counts(rest, 0)));
        Assert.Equal((null, Readiness.TooFewEvents), (report.Divergences, report.Readiness));
    }
}
