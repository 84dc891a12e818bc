using DriftMonitor.Alarms;
using DriftMonitor.Divergence;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

/// <summary>Outputs whose classes hold or not, each by itself: what is reported is the sum over the classes, worked out by hand.</summary>
public sealed class IndependentClassesTests
{
    private static readonly ClassSpace Space = ClassSpace.CreateIndependent(["a", "b", "c"]);
    private static readonly double[] Live = [0.5, 0.125, 0.75];
    private static readonly double[] Known = [0.25, 0.125, 0.9];

    [Fact]
    public void Divergences_AreTheSumOfThoseOfTheClasses()
    {
        var report = Evaluate(Window(Sums(Live, Live)), Reference(Sums(Known, Known, Known)));
        var divergences = report.Divergences!.Value;

        var pairs = Live.Zip(Known, (p, q) => (p, q)).ToArray();
        var forward = pairs.Sum(of => Bernoulli(of.p, of.q));
        var backward = pairs.Sum(of => Bernoulli(of.q, of.p));
        Assert.Equal(forward, divergences.KlLiveVsReferenceNats, 1e-8);
        Assert.Equal(backward, divergences.KlReferenceVsLiveNats, 1e-8);
        Assert.Equal(forward + backward, divergences.Psi, 1e-8);
        Assert.Equal(pairs.Sum(of => JensenShannon.Divergence([of.p, 1 - of.p], [of.q, 1 - of.q])), divergences.JensenShannonNats, 1e-8);
        Assert.Equal(pairs.Average(of => Math.Abs(of.p - of.q)), divergences.TotalVariation, 1e-8);
        Assert.Equal(Live.Sum(Entropy), report.EntropyNats!.Value, 1e-8);
    }

    [Fact]
    public void Contributions_AreOfClassesAndNotOfTheirComplements()
    {
        var report = Evaluate(Window(Sums(Live)), Reference(Sums(Known)));

        // b, which has not moved, is a class like the others
        Assert.Equal(["a", "c", "b"], report.Contributions.Select(of => of.Class));
        var a = report.Contributions[0];
        Assert.Equal((0.5, 0.25), (a.LiveShare, a.ReferenceShare), (one, other) =>
            Math.Abs(one.Item1 - other.Item1) < 1e-8 && Math.Abs(one.Item2 - other.Item2) < 1e-8);
        Assert.Equal(Bernoulli(0.5, 0.25), a.Nats, 1e-8);
        Assert.Equal(0, report.RestContributionNats, 1e-8);
        Assert.Equal(["a"], Evaluate(Window(Sums(Live)), Reference(Sums(Known)), top: 1).Contributions.Select(of => of.Class));
    }

    /// <summary>n times the floor is half the number of classes for hard outputs: Wilks, one degree of freedom each.</summary>
    [Fact]
    public void Floor_IsTheSumOfThoseOfTheClasses()
    {
        var reference = Reference(Sums([.. Enumerable.Range(0, 100_000).Select(i => new[] { i % 2.0, i % 4 / 2, i % 10 == 0 ? 1.0 : 0 })]));
        var divergences = Evaluate(Window(Sums([.. Enumerable.Repeat(new[] { 1.0, 1, 1 }, 5_000)])), reference).Divergences!.Value;
        Assert.Equal(1.5 * ((1 / 5e3) + (1 / 1e5)), divergences.NoiseFloorNats, 1.5 / 5e3 / 20);
    }

    /// <summary>
    /// A hundred tags by Zipf's law, of which a reference of a thousand outputs has not shown all: as far as windows of a thousand are, on
    /// average, from such references.
    /// </summary>
    [Fact]
    public void Floor_AllowsForClassesThatTheReferenceHasNotShown()
    {
        const int Events = 1_000;
        var random = new Random(7);
        double[] shares = [.. Enumerable.Range(1, 100).Select(rank => 0.5 / Math.Pow(rank, 1.5))];
        var space = ClassSpace.CreateIndependent([.. shares.Select((_, k) => $"{k}")]);
        double[] Draw() => [.. shares.Select(share =>
            Enumerable.Range(0, Events).Count(_ => random.NextDouble() < share) / (double)Events)];
        var (floors, found) = (new List<double>(), new List<double>());
        for (var i = 0; i < 20; i++)
        {
            var q = Draw();
            var mass = Cells(q, Events).Select(of => (ulong)(of * FixedPoint.One)).ToArray();
            var squares = mass.Select(of => of / (ulong)shares.Length).ToArray();
            var reference = Reference(space, new PaneSums(Events, mass, squares));
            floors.Add(reference.All.NoiseFloorNats(Events, pseudoEvents: 1));
            found.Add(Draw().Zip(q, (p, of) => Bernoulli(Smoothed(p, Smooth(of)), Smooth(of))).Sum());
        }

        Assert.InRange(floors.Average() / found.Average(), 0.85, 1.15);

        double Smooth(double q) => ((q * Events) + 0.5) / (Events + 1); // ε = 1, half of it in either cell
        double Smoothed(double p, double q) => ((p * Events) + q) / (Events + 1);
    }

    /// <summary>
    /// Unknown classes take a part of the mass; the others show what they are all the same, and the parts sum to the whole.
    /// </summary>
    [Fact]
    public void Contributions_OfClassesThatHaveNotMovedAreNoneBesideUnknownOnes()
    {
        double[] With(double other) => [.. Cells([0.5, 0.25, 0.125]).Take(6).Select(of => of * (1 - (other / 3))), other / 3];
        var (live, known) = (new PaneSums(7), new PaneSums(7));
        live.Add(With(0.9));
        known.Add(With(0.1));

        var report = Evaluate(Window(live), Reference(known));

        Assert.Equal(ClassSpace.Other, report.Contributions[0].Class);
        Assert.Equal((0.9, 0.1), (report.Contributions[0].LiveShare, report.Contributions[0].ReferenceShare), (one, other) =>
            Math.Abs(one.Item1 - other.Item1) < 1e-8 && Math.Abs(one.Item2 - other.Item2) < 1e-8);
        Assert.All(report.Contributions.Skip(1), of => Assert.Equal(0, of.Nats, 1e-8));
        Assert.Equal(report.Divergences!.Value.KlLiveVsReferenceNats, report.Contributions.Sum(of => of.Nats), 1e-12);

        // what the reference has none of is infinitely far, and nothing else is
        var alone = new PaneSums(7);
        alone.Add(Cells([0.5, 0.25, 0.125]));
        report = Evaluate(Window(live), Reference(alone));
        Assert.Equal((ClassSpace.Other, double.PositiveInfinity), (report.Contributions[0].Class, report.Contributions[0].Nats));
        Assert.All(report.Contributions.Skip(1), of => Assert.Equal(0, of.Nats, 1e-8));
    }

    /// <summary>The mean entropy of single outputs is that of the classes' added up, though their mean may be surer or less sure.</summary>
    [Fact]
    public void Entropy_OfSingleOutputsIsTheSumOfThoseOfTheClasses()
    {
        var record = Record([0.5, 0.25, 1]);
        Assert.Equal(Entropy(0.5) + Entropy(0.25), record.EntropyNats, 1e-12);
        Assert.Equal(0, Record([1, 0, 1]).EntropyNats);

        var sums = new PaneSums(Space.CellCount);
        sums.Add(record);
        sums.Add(Record([1, 0, 1]));
        var report = Evaluate(Window(sums) with { Entropy = sums.Entropy }, null);
        Assert.Equal((Entropy(0.5) + Entropy(0.25)) / 2, report.Dispersion.LiveNats!.Value, 1e-8);
    }

    /// <summary>
    /// An alarm of several classes is as far from its reference, and ends by as much, as the sum of theirs: one class that moved beside two
    /// that did not is as far as that class alone.
    /// </summary>
    [Fact]
    public void Departure_OfOneClassIsAsFarAsOfThatClassAlone()
    {
        var three = Departure(Space, [0.25, 0.5, 0.125]);
        var one = Departure(ClassSpace.CreateIndependent(["a"]), [0.25]);
        var (of3, of1) = (Cells([0.75, 0.5, 0.125], 1_000), Cells([0.75], 1_000));

        Assert.Equal(one.Nats(of1), three.Nats(of3), 1e-3);
        Assert.Equal(one.Repair(Cells([0.25], 10), of1), three.Repair(Cells([0.25, 0.5, 0.125], 10), of3), 0.1);
        Assert.Equal(one.Repair(of1, of1), three.Repair(of3, of3), 5.0);
        Assert.Equal(1_000, three.Events(of3), 1e-9);

        static IDeparture Departure(ClassSpace space, double[] q)
        {
            var reference = Reference(space, Sums(space, [.. Enumerable.Repeat(q, 100_000)]));
            var window = Window(Sums(space, q), space);
            return new Departures(pseudoEvents: 1).Of(Evaluate(window, reference))!;
        }
    }

    [Fact]
    public void A_trailing_window_and_the_rest_of_live_traffic_are_compared_likewise()
    {
        var (live, before) = (Sums([.. Enumerable.Repeat(Live, 50)]), Sums([.. Enumerable.Repeat(Known, 50)]));
        var other = new OtherWindow(50, Wide(before.Mass), Wide(before.Squares), true);
        var sum = Live.Zip(Known, Bernoulli).Sum();

        var report = Evaluate(Window(live) with { Trailing = other }, null);
        Assert.Equal(sum, report.Trailing!.Value.KlLiveVsTrailingNats, 1e-8);

        report = Evaluate(Window(live) with { Rest = other }, Reference(before));
        Assert.Equal(sum, report.Divergences!.Value.KlLiveVsReferenceNats, 1e-8);
        Assert.Equal("a", report.Contributions[0].Class);
    }

    private static double Bernoulli(double p, double q) => KullbackLeibler.Divergence([p, 1 - p], [q, 1 - q]);

    private static double Entropy(double p) => p is 0 or 1 ? 0 : -(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p));

    private static double[] Cells(double[] output, double events = 1) =>
        [.. output.SelectMany(p => new[] { (1 - p) / output.Length * events, p / output.Length * events }), 0];

    private static PaneSums Sums(params double[][] outputs) => Sums(Space, outputs);

    private static PaneSums Sums(ClassSpace space, params double[][] outputs)
    {
        var sums = new PaneSums(space.CellCount);
        foreach (var output in outputs)
        {
            sums.Add(Cells(output));
        }

        return sums;
    }

    private static PredictionRecord Record(double[] output)
    {
        var models = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 0, acceptUnknown: true);
        var record = new PredictionRecord();
        Cells(output).CopyTo(record.Begin(models.Add("m"), new ModelClasses(Space, ModelClasses.Configured)));
        return record;
    }

    private static UInt128[] Wide(ReadOnlySpan<ulong> units) => [.. units.ToArray().Select(unit => (UInt128)unit)];

    private static LiveWindow Window(PaneSums sums, ClassSpace? space = null) => new(
        new SeriesKey("m", SeriesKey.All), Given.Window("5m/10s"), ToMs: 0,
        new PaneClasses((space ?? Space).Id, 1, null, (space ?? Space).Choices), sums.Events, Wide(sums.Mass), Complete: true,
        LatestEventMs: 0, Retired: false);

    private static ReferenceSnapshot Reference(PaneSums all) => Reference(Space, all);

    private static ReferenceSnapshot Reference(ClassSpace space, PaneSums all) => new(
        "m", 1, DateTimeOffset.UnixEpoch, space, new Dictionary<string, PaneSums> { [SeriesKey.All] = all },
        [new ReferenceBlock(0, all.Events, [.. all.Mass])]);

    private static DriftReport Evaluate(LiveWindow window, ReferenceSnapshot? reference, int top = 10) =>
        new DriftEvaluator(new EvaluationSettings(PseudoEvents: 0, MinimumEvents: 1, top)).Evaluate(window, reference);
}
