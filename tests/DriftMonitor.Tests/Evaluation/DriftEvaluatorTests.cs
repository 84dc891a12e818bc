using CsCheck;
using DriftMonitor.Divergence;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

public sealed class DriftEvaluatorTests
{
    private const double Fluctuation = 0.001;

    private static readonly ClassSpace Space = ClassSpace.Create(["a", "b"]);

    /// <summary>A window of so many events in each of "a", "b" and <c>__other__</c>.</summary>
    /// <summary>The panes of such a window, of which only the last have events.</summary>
    private static WindowPanes Panes(params double[][] last)
    {
        double[][] all = [.. Enumerable.Repeat(new double[3], 30 - last.Length), .. last];
        return new WindowPanes([.. all.Select(pane => (long)pane.Sum())], [.. all.SelectMany(pane => pane)]);
    }

    private static LiveWindow Window(
        double a, double b, double other = 0, long? events = null, string segment = SeriesKey.All, bool complete = true,
        ClassSpace? space = null) => new(
        new SeriesKey("m", segment),
        Given.Window("5m/10s"),
        ToMs: 0,
        new PaneClasses((space ?? Space).Id, 1, null),
        events ?? (long)(a + b + other),
        [.. new[] { a, b, other }.Select(count => (UInt128)(count * FixedPoint.One))],
        complete,
        LatestEventMs: 0,
        Retired: false);

    private static PaneSums Counts(params int[] counts)
    {
        ulong[] units = [.. counts.Select(count => (ulong)count << 32)];
        return new PaneSums(counts.Sum(), units, units);
    }

    /// <summary>A reference of one-hot outputs.</summary>
    private static ReferenceSnapshot Reference(int a, int b, int other = 0)
    {
        var all = Counts(a, b, other);
        return new ReferenceSnapshot(
            "m",
            1,
            DateTimeOffset.UnixEpoch,
            Space,
            new Dictionary<string, PaneSums> { [SeriesKey.All] = all, ["known"] = Counts(1, 0, 0) },
            [new ReferenceBlock(0, all.Events, [.. all.Mass])]);
    }

    private static DriftReport Evaluate(
        LiveWindow window, ReferenceSnapshot? reference, double pseudoEvents = 1, long minimum = 1, int top = 10) =>
        new DriftEvaluator(new EvaluationSettings(pseudoEvents, minimum, top), (_, _, _) => Fluctuation).Evaluate(window, reference);

    // R = (2, 1), m = 3: q̃ = (2.5, 1.5)/4 = (5, 3)/8.  S = (0, 1), n = 1: p̃ = (5/8, 1 + 3/8)/2 = (5, 11)/16.
    /// <summary>A segment that the reference does not know is compared with nothing.</summary>
    [Fact]
    public void A_version_that_the_reference_does_not_know_is_compared_with_all_traffic()
    {
        var reference = Reference(50, 50);
        var all = Evaluate(Window(30, 10), reference).Divergences;
        Assert.NotNull(all);
        Assert.Equal(all, Evaluate(Window(30, 10, segment: "version=2"), reference).Divergences);
        Assert.Null(Evaluate(Window(30, 10, segment: "unknown"), reference).Divergences);
        Assert.Null(Evaluate(Window(30, 10, segment: "version=2 vs rest"), reference).Divergences);
        Assert.NotEqual(all, Evaluate(Window(30, 10, segment: "known"), reference).Divergences);
    }

    [Fact]
    public void Divergences_OfTwoClasses_ByHand()
    {
        var report = Evaluate(Window(0, 1), Reference(2, 1));
        var forward = (5 / 16.0 * Math.Log(1 / 2.0)) + (11 / 16.0 * Math.Log(11 / 6.0));
        var backward = (5 / 8.0 * Math.Log(2)) + (3 / 8.0 * Math.Log(6 / 11.0));
        var js = 0.5 * (
            (5 / 16.0 * Math.Log(10 / 15.0)) + (
                11 / 16.0 * Math.Log(22 / 17.0)) + (5 / 8.0 * Math.Log(20 / 15.0)) + (3 / 8.0 * Math.Log(12 / 17.0)));
        var divergences = report.Divergences!.Value;
        Assert.Equal(forward, divergences.KlLiveVsReferenceNats, 1e-12);
        Assert.Equal(backward, divergences.KlReferenceVsLiveNats, 1e-12);
        Assert.Equal(forward + backward, divergences.Psi, 1e-12);
        Assert.Equal(js, divergences.JensenShannonNats, 1e-12);
        Assert.Equal(5 / 16.0, divergences.TotalVariation, 1e-12);
        Assert.Equal(Math.Sqrt(1 - (Math.Sqrt(25 / 128.0) + Math.Sqrt(33 / 128.0))), divergences.Hellinger, 1e-12);

        Assert.Equal(NoiseFloor.Of([2 / 3.0, 1 / 3.0], [2 / 9.0, 2 / 9.0], 1, 3, 1), divergences.NoiseFloorNats, 1e-8);
        Assert.Equal(0, divergences.UnseenMassRatio);
        Assert.Equal(0, report.EntropyNats);
        Assert.Equal(Readiness.Ready, report.Readiness);
    }

    // R = (160, 39), m = 199: q̃ = (160.5, 39.5)/200, V = q (1 − q). Of three panes the last two have moved.
    [Fact]
    public void Cusum_IsOverThePanesOfTheWindowAgainstTheSmoothedReference()
    {
        double[] q = [160.5 / 200, 39.5 / 200];
        var variance = 160 / 199.0 * (39 / 199.0);
        var window = Window(200, 100) with { Panes = Panes([80, 20, 0], [60, 40, 0], [60, 40, 0]) };
        var expected = new DriftCusum(q, [variance, variance], 300, 199, Fluctuation);
        expected.Add([80, 20], 100);
        expected.Add([60, 40], 100);
        expected.Add([60, 40], 100);

        var report = Evaluate(window, Reference(160, 39));

        Assert.InRange(expected.Nats, 0.01, 0.1);
        Assert.Equal(expected.Nats, report.Divergences!.Value.CusumNats, 1e-9);
    }

    [Fact]
    public void Cusum_IsOfReadyWindowsWithPanesOnly()
    {
        var panes = Panes([200, 100, 0]);
        double Cusum(LiveWindow window, long minimum = 1) =>
            Evaluate(window, Reference(160, 39), minimum: minimum).Divergences!.Value.CusumNats;

        Assert.True(Cusum(Window(200, 100) with { Panes = panes }) > 0);
        Assert.Equal(double.NaN, Cusum(Window(200, 100)));
        Assert.Equal(
            double.NaN, new DriftEvaluator(new EvaluationSettings()).Evaluate(
                Window(200, 100) with { Panes = panes }, Reference(160, 39)).Divergences!.Value.CusumNats);
        Assert.Equal(double.NaN, Cusum(Window(199, 100) with { Panes = panes })); // less than ten events a pane
        Assert.Equal(double.NaN, Cusum(Window(200, 100, complete: false) with { Panes = panes }));
        Assert.Equal(double.NaN, Cusum(Window(200, 100) with { Panes = panes }, minimum: 301));
        Assert.Equal(double.NaN, Cusum(Window(0, 0) with { Panes = Panes() }, minimum: 0));
    }

    [Fact]
    public void EmptyWindow_IsExactlyAtTheReference()
    {
        var report = Evaluate(Window(0, 0), Reference(2, 1), minimum: 0);
        var divergences = report.Divergences!.Value;
        Assert.Equal(0, divergences.KlLiveVsReferenceNats);
        Assert.Equal(0, divergences.KlReferenceVsLiveNats);
        Assert.Equal(0, divergences.JensenShannonNats, 1e-15);
        Assert.Equal(0, divergences.Psi);
        Assert.Equal(0, divergences.TotalVariation);
        Assert.Equal(0, divergences.Hellinger);
        Assert.Equal(double.NaN, divergences.NoiseFloorNats);
        Assert.Null(report.EntropyNats);
    }

    [Fact]
    public void EmptyWindow_WithoutPseudoEvents_HasNoDivergence()
    {
        var reference = Reference(2, 1);
        var report = Evaluate(Window(0, 0), reference, pseudoEvents: 0);
        Assert.Null(report.Divergences);
        Assert.Same(reference, report.Reference);
        Assert.Empty(report.Contributions);
    }

    [Fact]
    public void Other_TakesPartOnlyWhenItHoldsMass()
    {
        static IEnumerable<string> Classes(DriftReport report) => report.Contributions.Select(c => c.Class).Order(StringComparer.Ordinal);

        Assert.Equal(["a", "b"], Classes(Evaluate(Window(1, 1), Reference(1, 1))));
        Assert.Equal(["__other__", "a", "b"], Classes(Evaluate(Window(1, 1, other: 1), Reference(1, 1))));
        Assert.Equal(["__other__", "a", "b"], Classes(Evaluate(Window(1, 1), Reference(1, 1, other: 1))));
    }

    // q = (½, ½, 0), m = 2, ε = 1 over three cells: q̃ = (4, 4, 1)/9.  S = (0, 0, 2), n = 2: p̃ = (4/9, 4/9, 2 + 1/9)/3 = (4, 4, 19)/27.
    [Fact]
    public void UnseenClass_CostsAFiniteAmount_AndIsMeasured()
    {
        var divergences = Evaluate(Window(0, 0, other: 2), Reference(1, 1)).Divergences!.Value;
        Assert.Equal(1, divergences.UnseenMassRatio);
        Assert.Equal((8 / 27.0 * Math.Log(1 / 3.0)) + (19 / 27.0 * Math.Log(19 / 3.0)), divergences.KlLiveVsReferenceNats, 1e-12);
        Assert.Equal(0.25, Evaluate(Window(3, 1), Reference(5, 0)).Divergences!.Value.UnseenMassRatio, 1e-15);
    }

    [Fact]
    public void UnseenClass_WithoutPseudoEvents_IsInfinitelyFar()
    {
        var divergences = Evaluate(Window(1, 1), Reference(5, 0), pseudoEvents: 0).Divergences!.Value;
        Assert.Equal(double.PositiveInfinity, divergences.KlLiveVsReferenceNats);
        Assert.Equal(Math.Log(2), divergences.KlReferenceVsLiveNats, 1e-12);
        Assert.InRange(divergences.JensenShannonNats, 0, Math.Log(2));
        Assert.Equal(0.5, divergences.UnseenMassRatio);
    }

    [Fact]
    public void Contributions_SumToTheDivergence_LargestFirst() =>
        Gen.Select(Gen.Int[0, 1_000].Array[3], Gen.Int[1, 1_000].Array[3], Gen.Int[0, 4], Gen.Double[0.1, 5]).Sample(
            (live, reference, top, pseudoEvents) =>
        {
            var report = Evaluate(
                Window(live[0], live[1], live[2]), Reference(reference[0], reference[1], reference[2]), pseudoEvents, top: top);
            var nats = report.Contributions.Select(c => c.Nats).ToArray();
            Assert.Equal(Math.Min(top, 3), nats.Length);
            Assert.Equal(report.Divergences!.Value.KlLiveVsReferenceNats, nats.Sum() + report.RestContributionNats, 1e-12);
            Assert.Equal(nats.Select(Math.Abs).OrderDescending(), nats.Select(Math.Abs));
            Assert.All(report.Contributions, c => Assert.Equal(c.LiveShare * Math.Log(c.LiveShare / c.ReferenceShare), c.Nats, 1e-12));
        });

    [Fact]
    public void Contributions_SayWhichWayAClassMoved()
    {
        var report = Evaluate(Window(90, 10), Reference(50, 50), pseudoEvents: 0, top: 1);
        var first = Assert.Single(report.Contributions);
        Assert.Equal(("a", 0.9, 0.5), (first.Class, first.LiveShare, first.ReferenceShare));
        Assert.Equal(0.9 * Math.Log(1.8), first.Nats, 1e-12);
        Assert.Equal(0.1 * Math.Log(0.2), report.RestContributionNats, 1e-12);
    }

    /// <summary>Of equal contributions the class that stands first comes first: the order must not depend on the sort.</summary>
    [Fact]
    public void Contributions_OfEqualMagnitude_KeepTheOrderOfTheClasses() =>
        Assert.Equal(["a", "b"], Evaluate(Window(5, 5), Reference(5, 5)).Contributions.Select(c => c.Class));

    [Theory]
    [InlineData(100, true, Readiness.Ready)]
    [InlineData(99, true, Readiness.TooFewEvents)]
    [InlineData(0, true, Readiness.TooFewEvents)]
    [InlineData(100, false, Readiness.Incomplete)]
    [InlineData(99, false, Readiness.Incomplete)] // the reason that time alone cures comes first
    public void Readiness_SaysWhyNot(int events, bool complete, Readiness expected)
    {
        var report = Evaluate(Window(events, 0, complete: complete), Reference(1, 1), minimum: 100);
        Assert.Equal((expected, expected == Readiness.Ready), (report.Readiness, report.Ready));
        Assert.NotNull(report.Divergences); // shown, though it may not raise an alarm
    }

    [Fact]
    public void NoReference_LeavesEntropyOnly()
    {
        var report = Evaluate(Window(1, 1), null);
        Assert.Equal(Math.Log(2), report.EntropyNats!.Value, 1e-12);
        Assert.Null(report.Reference);
        Assert.Null(report.Divergences);
        Assert.Empty(report.Contributions);
        Assert.Equal(0, report.RestContributionNats);
    }

    [Fact]
    public void ReferenceOfAnotherClassSpace_IsNotComparedWith()
    {
        var report = Evaluate(Window(1, 1, space: ClassSpace.Create(["b", "a"])), Reference(1, 1));
        Assert.Null(report.Reference);
        Assert.Null(report.Divergences);
    }

    [Fact]
    public void SegmentThatTheReferenceDoesNotKnow_IsNotComparedWithTheWhole()
    {
        var reference = Reference(1, 1);
        Assert.Null(Evaluate(Window(1, 1, segment: "new"), reference).Divergences);
        Assert.Null(Evaluate(Window(1, 1, segment: "new"), reference).Reference);
        Assert.Equal(
            0.5, Evaluate(
                Window(0, 1, segment: "known"), reference,
                pseudoEvents: 1).Contributions.Single(c => c.Class == "b").ReferenceShare * 2, 1e-12);
    }

    [Fact]
    public void Evaluate_LeavesTheWindowAlone()
    {
        var window = Window(3, 1, other: 1);
        var before = window.Mass.ToArray();
        var evaluator = new DriftEvaluator(new EvaluationSettings());
        var reference = Reference(1, 1);
        var first = evaluator.Evaluate(window, reference);
        Assert.Equal(first.Divergences, evaluator.Evaluate(window, reference).Divergences);
        Assert.Equal(before, window.Mass);
    }
}
