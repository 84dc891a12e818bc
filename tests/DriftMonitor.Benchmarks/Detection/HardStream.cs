using DriftMonitor.Alarms;
using DriftMonitor.Model;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A model without drift whose thresholds are hard to know from its reference, or are those of one more measure.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="ReferenceHours">How long the reference is.</param>
/// <param name="Open">Draws one of its kind; the share of events that are kept is the second argument.</param>
internal sealed record HardStream(string Name, double ReferenceHours, Func<RandomSource, Func<double>, IEnumerable<SimulatedPart>> Open)
{
    /// <summary>The series of canaries beside the rest.</summary>
    public static readonly string Canaries = new SeriesKey("", "canary").VersusRest.Segment;

    private const int PanesPerHour = 360;
    private const double Many = 100; // events in a pane: 600 a minute
    private const double Few = 20;

    /// <summary>Those of the table.</summary>
    public static IEnumerable<HardStream> All { get; } =
    [
        new("top 20 of 2,001 classes, 120 a minute, reference of 4 h", 4, (random, _) =>
            Outputs(new TopOutputs(random, 20), TopOutputs.Classes)),
        new("three sources, shares anew each 5 m, 77 h", 77, Of(HardTraffic.Mixture)),
        new("three sources, shares anew each 5 m, 8 h", 8, Of(HardTraffic.Mixture)),
        new("three sources, each a segment, 8 h", 8, (random, _) => HardTraffic.MixtureOfSegments(random, Many).Parts),
        new("three sources in three segments, 8 h", 8, (random, _) => Segments(random, HardTraffic.Mixture(random), 0.5, 0.3, 0.2)),
        new("log-shares wander, 60 s, 8 h", 8, Of(HardTraffic.Wandering)),
        new("log-shares wander, 60 s, 77 h", 77, Of(HardTraffic.Wandering)),
        new("log-shares wander, 60 s, a segment of 20 %, 77 h", 77, (random, _) => Slice(random, HardTraffic.Wandering(random)))
        {
            Segment = "0",
        },
        new("sessions of 20 events in 2 m, 24 h", 24, (random, _) =>
            Outputs(new SessionStream(random, HardTraffic.Zipf, Many / 20, length: 20, gapSeconds: 6), 10)),
        .. new[] { 3, 7, 21, 35 }.Select(days => new HardStream(
            $"days and weekends, {days} days", 24 * days, Of(_ => HardTraffic.Weekends))),
        new("iid K=10, reference of 50 events", 1, Steady) { ReferenceShare = 50 / (Many * PanesPerHour) },
        new("iid K=10, reference of 500 events", 1, Steady) { ReferenceShare = 500 / (Many * PanesPerHour) },
        new("iid K=10, reference of 20 m", 1 / 3.0, Steady),
        new("iid K=10, reference of 1 h", 1, Steady),
        new("iid K=10, reference of 24 h", 24, Steady),
        new("iid K=10, a segment of 20 %, 24 h", 24, (random, _) => Slice(random, HardTraffic.None)) { Segment = "0" },
        new("iid K=10, canary of 10 % and the rest, 8 h", 8, (random, _) => Canary(random, HardTraffic.None)) { Segment = Canaries },
        new("both wander, 60 s, canary and the rest, 77 h", 77, (random, _) => Canary(random, HardTraffic.Wandering(random)))
        {
            Segment = Canaries,
        },
        new("days and weekends, canary and the rest, 3 days", 72, (random, _) => Canary(random, HardTraffic.Weekends))
        {
            Segment = Canaries,
        },
        .. new[] { 2, 10, 100 }.Select(classes => new HardStream($"soft iid K={classes}, 30 a minute, 24 h", 24, (random, _) =>
            Outputs(new SimulatedStream(new StreamKind("", classes, 150, Traffic.Even, Concentration: 1), random), classes))),
        new("five classes that hold together or not, 120 a minute, 24 h", 24, (random, _) =>
        [
            new(
                new WatchedOutputs(TagOutputs.Space.ClassCount) { Space = TagOutputs.Space },
                new TagOutputs(random, Few)),
        ]),
        new("labels, cross-entropy, 24 h", 24, Labels(0)) { Kind = AlarmKind.CrossEntropy },
        new("labels, accuracy, 24 h", 24, Labels(0)) { Kind = AlarmKind.Accuracy },
        new("labels that wander, 60 s, cross-entropy, 24 h", 24, Labels(0.5)) { Kind = AlarmKind.CrossEntropy },
        new("labels that wander, 60 s, accuracy, 24 h", 24, Labels(0.5)) { Kind = AlarmKind.Accuracy },
        new("whole policies, 24 h", 24, (random, _) => [HardValues.WholePolicies(random, Few, wander: 0)]) { Kind = AlarmKind.PolicyKl },
        new("whole policies, states wander, 60 s, 24 h", 24, (random, _) => [HardValues.WholePolicies(random, Few, wander: 0.5)])
        {
            Kind = AlarmKind.PolicyKl,
        },
        new("sampled policies, log-ratio 0.1 normal, 24 h", 24, Sampled(random => 0.1 * Normal.Sample(random, 0, 1)))
        {
            Kind = AlarmKind.PolicyKl,
        },
        new("sampled policies, log-ratio 0.1 Student t₃, 24 h", 24, Sampled(random => 0.1 * StudentT.Sample(random, 0, 1, 3)))
        {
            Kind = AlarmKind.PolicyKl,
        },
        new("sampled policies, log-ratio −0.02 log-normal, 24 h", 24, Sampled(random => -0.02 * LogNormal.Sample(random, 0, 1.5)))
        {
            Kind = AlarmKind.PolicyKl,
        },
        .. new[] { 2, 10 }.Select(classes => new HardStream($"dispersion of soft iid K={classes}, 24 h", 24, (random, _) =>
            [HardValues.SoftOutputs(random, Few, classes)])
        {
            Kind = AlarmKind.Dispersion,
        }),
        .. new[] { 0.1, 0.3 }.Select(wander => new HardStream(
            FormattableString.Invariant($"dispersion, temperature wanders by {wander}, 60 s, 77 h"), 77, (random, _) =>
                [HardValues.Softmaxes(random, Few, wander)])
        {
            Kind = AlarmKind.Dispersion,
        }),
    ];

    /// <summary>The share of its events that the reference has.</summary>
    public double ReferenceShare { get; init; } = 1;

    /// <summary>What it has a budget for.</summary>
    public AlarmKind Kind { get; init; } = AlarmKind.OutputDrift;

    /// <summary>The segment whose alarms count, by its own part of the budget; null for all by all of it.</summary>
    public string? Segment { get; init; }

    /// <summary>How many base panes the reference has.</summary>
    public int ReferencePanes => (int)(ReferenceHours * PanesPerHour);

    private static SimulatedPart[] Outputs(IPaneSource source, int classes) => [new(new WatchedOutputs(classes), source)];

    private static Func<RandomSource, Func<double>, IEnumerable<SimulatedPart>> Of(
        Func<RandomSource, Func<long, double[], double>> traffic) =>
        (random, _) => Outputs(new OneHotStream(random, HardTraffic.Zipf, Many, traffic(random)), 10);

    private static SimulatedPart[] Steady(RandomSource random, Func<double> share) =>
        Outputs(new OneHotStream(random, HardTraffic.Zipf, Many, (_, _) => share()), 10);

    /// <summary>Segments of the same composition, named 0 and on, and their shares of the events.</summary>
    private static IEnumerable<SimulatedPart> Segments(RandomSource random, Func<long, double[], double> traffic, params double[] shares) =>
        new SegmentedStream(10, [.. shares.Select((share, i) => ($"{i}", (IPaneSource)Source(random, traffic, share)))]).Parts;

    /// <summary>A segment of a fifth of the events; the others are in none.</summary>
    private static IEnumerable<SimulatedPart> Slice(RandomSource random, Func<long, double[], double> traffic) =>
        new SegmentedStream(10, ("0", Source(random, traffic, 0.2)), (null, Source(random, traffic, 0.8))).Parts;

    /// <summary>A segment of a tenth of the events that is compared with the rest.</summary>
    private static IEnumerable<SimulatedPart> Canary(RandomSource random, Func<long, double[], double> traffic)
    {
        var stream = new SegmentedStream(10, ("canary", Source(random, traffic, 0.1)), (null, Source(random, traffic, 0.9)));
        return stream.Parts.Take(1).Append(stream.Comparison);
    }

    private static OneHotStream Source(RandomSource random, Func<long, double[], double> traffic, double share) =>
        new OneHotStream(random, HardTraffic.Zipf, share * Many, traffic);

    private static Func<RandomSource, Func<double>, IEnumerable<SimulatedPart>> Labels(double wander) =>
        (random, _) => [HardValues.Labels(random, Few, wander)];

    private static Func<RandomSource, Func<double>, IEnumerable<SimulatedPart>> Sampled(Func<RandomSource, double> logRatio) =>
        (random, _) => [HardValues.SampledPolicies(random, Few, logRatio)];
}
