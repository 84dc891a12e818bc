using System.Globalization;
using CsCheck;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>What was worked out once, and kept as bytes, stands for the work.</summary>
public sealed class KeptCalibrationTests
{
    private const long Unbounded = long.MaxValue;
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];
    private static readonly FalseAlarmBudget OnceADay = new(1, 86_400_000);
    private static readonly WindowSpec FiveMinutes = Given.Window("5m/10s");
    private static readonly WindowSpec NinetySeconds = Given.Window("90s/10s");
    private static readonly ReferenceSnapshot OneHot = new SimulatedTraffic(11, TenClasses, 30)
    {
        Change = SimulatedTraffic.Swing(.3),
    }.Reference(500).With("eu", [.. TenClasses.Select(share => share * 3_000)]);

    public static TheoryData<string> References => ["one-hot", "soft", "single class"];

    [Theory]
    [MemberData(nameof(References))]
    public void Thresholds_OfWhatWasKept_AreTheSameBits(string name)
    {
        var reference = name switch
        {
            "one-hot" => OneHot,
            "soft" => new SoftTraffic(3, [5, 3, 1], 40).Reference(200),
            _ => new SimulatedTraffic(1, [1], 10).Reference(60),
        };
        var worked = new KeptCalibrations(Unbounded);
        var original = new DriftCalibration(reference, SeriesKey.All, 1, worked);
        var values = new Dictionary<string, byte[]>();
        worked.OnWorkedOut = (key, value) => values.Add(key, value);
        original.Prepare(FiveMinutes, 1_500);
        original.Prepare(NinetySeconds, 300);
        var kept = Kept(values);
        kept.OnWorkedOut = (key, _) => Assert.Fail($"{key} was worked out again");

        var restored = new DriftCalibration(reference, SeriesKey.All, 1, kept);
        Assert.False(restored.IsPrepared(FiveMinutes, 1_500));
        restored.Prepare(FiveMinutes, 1_500);
        restored.Prepare(NinetySeconds, 300);

        Assert.Equal(4, values.Count);
        Assert.Equal((0, 4), (kept.CountWorkedOut, kept.CountReused));
        Assert.Equal(original.Fluctuation(FiveMinutes), restored.KnownFluctuation(FiveMinutes));
        Assert.Equal(original.Shortfalls(NinetySeconds), restored.Shortfalls(NinetySeconds));
        Assert.Equal(original.Shortfalls(FiveMinutes), restored.Shortfalls(FiveMinutes));
        Gen.Select(Gen.Long[1, 10_000], Gen.Double[-6, 2], Gen.Bool, Gen.Long[5_000, 300_000]).Sample((events, rate, withCusum, leftMs) =>
        {
            var budget = new FalseAlarmBudget(Math.Pow(10, rate), 86_400_000);
            foreach (var window in (WindowSpec[])[FiveMinutes, NinetySeconds])
            {
                Assert.True(original.TryThresholds(window, events, budget, out var expected, withCusum));
                Assert.True(restored.TryThresholds(window, events, budget, out var found, withCusum));
                Assert.Equal(expected, found);
            }

            var isKnown = original.TryThresholdsOfPart(
                FiveMinutes, events, leftMs, [NinetySeconds, FiveMinutes], budget, out var ofPart, withCusum);
            Assert.Equal(isKnown, restored.TryThresholdsOfPart(
                FiveMinutes, events, leftMs, [NinetySeconds, FiveMinutes], budget, out var part, withCusum));
            Assert.Equal(ofPart, part);
        }, iter: 200);
    }

    [Fact]
    public void Threshold_OfAMeanThatWasKept_IsTheSameBits()
    {
        var values = new Dictionary<string, byte[]>();
        var worked = new KeptCalibrations(Unbounded) { OnWorkedOut = (key, value) => values.Add(key, value) };
        var original = new MeanCalibration(Costs(), worked);
        original.Prepare(NinetySeconds, 300);

        var kept = Kept(values);
        var restored = new MeanCalibration(Costs(), kept);
        restored.Prepare(NinetySeconds, 300);

        Assert.Equal((0, 2), (kept.CountWorkedOut, kept.CountReused));
        Assert.Equal(original.Shortfalls(NinetySeconds), restored.Shortfalls(NinetySeconds));
        Gen.Select(Gen.Long[1, 10_000], Gen.Double[-6, 2], Gen.Long[10_000, 90_000]).Sample((events, rate, leftMs) =>
        {
            var budget = new FalseAlarmBudget(Math.Pow(10, rate), 86_400_000);
            Assert.True(original.TryThreshold(NinetySeconds, events, budget, out var expected));
            Assert.True(restored.TryThreshold(NinetySeconds, events, budget, out var found));
            Assert.Equal(expected, found);
            Assert.True(original.TryThresholdOfPart(NinetySeconds, events, leftMs, [NinetySeconds], budget, out var ofPart));
            Assert.True(restored.TryThresholdOfPart(NinetySeconds, events, leftMs, [NinetySeconds], budget, out var part));
            Assert.Equal(ofPart, part);
        }, iter: 200);
    }

    /// <summary>Neither the model's name, nor the version, nor the day, nor what the classes are called is in a threshold.</summary>
    [Fact]
    public void EqualReferencesOfDifferentModels_ShareOne()
    {
        var kept = new KeptCalibrations(Unbounded);
        var thresholds = new DriftCalibration(OneHot, SeriesKey.All, 1, kept).Thresholds(NinetySeconds, 300, OnceADay);
        var twin = new ReferenceSnapshot(
            "another", 7, OneHot.CreatedAt.AddDays(3), ClassSpace.Create([.. Enumerable.Range(0, 10).Select(k => $"other{k}")]),
            OneHot.Segments.ToDictionary(segment => segment.Key, segment => segment.Value.Sums), OneHot.Blocks);

        Assert.NotEqual(OneHot.Id, twin.Id);
        Assert.Equal(thresholds, new DriftCalibration(twin, SeriesKey.All, 1, kept).Thresholds(NinetySeconds, 300, OnceADay));
        Assert.Equal((2, 2), (kept.CountWorkedOut, kept.CountReused));
        Assert.Equal(thresholds, new DriftCalibration(twin, SeriesKey.All, 1).Thresholds(NinetySeconds, 300, OnceADay)); // its seed too
    }

    [Fact]
    public void WhateverThresholdsFollowFrom_IsInTheKey()
    {
        var keys = new List<string>();
        var kept = new KeptCalibrations(Unbounded) { OnWorkedOut = (key, _) => keys.Add(key) };
        new DriftCalibration(OneHot, SeriesKey.All, 1, kept).Prepare(NinetySeconds, 300);
        new DriftCalibration(OneHot, SeriesKey.All, 1, kept).Prepare(NinetySeconds, 600); // shares the tail of 512
        new DriftCalibration(OneHot, "eu", 1, kept).Prepare(NinetySeconds, 300);
        new DriftCalibration(OneHot, SeriesKey.All, 2, kept).Prepare(NinetySeconds, 300);
        new DriftCalibration(OneHot, SeriesKey.All, 1, kept).Prepare(Given.Window("90s/30s"), 300);
        new DriftCalibration(OneHot, SeriesKey.All, 1, kept).Prepare(Given.Window("60s/10s"), 300);
        var later = new SimulatedTraffic(11, TenClasses, 30) { Change = SimulatedTraffic.Swing(.3) }.Reference(501);
        new DriftCalibration(later, SeriesKey.All, 1, kept).Prepare(NinetySeconds, 300);
        new MeanCalibration(Costs(), kept).Prepare(NinetySeconds, 300);
        new MeanCalibration(Costs(more: 1), kept).Prepare(NinetySeconds, 300);

        Assert.Equal((8 * 2) + 1, kept.CountWorkedOut);
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void WhatCannotBeRead_IsWorkedOutAsWithoutIt()
    {
        var values = new Dictionary<string, byte[]>();
        var worked = new KeptCalibrations(Unbounded) { OnWorkedOut = (key, value) => values.Add(key, value) };
        var expected = new DriftCalibration(OneHot, SeriesKey.All, 1, worked).Thresholds(NinetySeconds, 300, OnceADay);
        var kept = new KeptCalibrations(Unbounded);
        foreach (var (key, value) in values)
        {
            Assert.All(Enumerable.Range(0, value.Length), length => Assert.False(kept.TryAdd(key, value[..length], 0)));
            Assert.False(kept.TryAdd(key, [.. value, 0], 0));
            Assert.False(kept.TryAdd(key, [2, .. value[1..]], 0)); // a newer format
            Assert.False(kept.TryAdd(key, [.. value[..2], .. BitConverter.GetBytes(double.NaN), .. value[10..]], 0));
        }

        Assert.Equal(expected, new DriftCalibration(OneHot, SeriesKey.All, 1, kept).Thresholds(NinetySeconds, 300, OnceADay));
        Assert.Equal((2, 0), (kept.CountWorkedOut, kept.CountReused));
    }

    [Fact]
    public void WhatExceedsTheBound_DropsTheOldest()
    {
        var values = new Dictionary<string, byte[]>();
        var worked = new KeptCalibrations(Unbounded) { OnWorkedOut = (key, value) => values.Add(key, value) };
        new MeanCalibration(Costs(), worked).Prepare(NinetySeconds, 300);
        var value = values.Values.First();
        var kept = new KeptCalibrations(mostBytes: 10 * (value.Length + 202));

        foreach (var key in "abcdefghijabcdefghij")
        {
            Assert.True(kept.TryAdd($"{key}", value, 0)); // ten, and each once more
        }

        Assert.Equal(0, kept.CountDropped);
        kept.TryAdd("k", value, 0);
        Assert.Equal(1, kept.CountDropped);
        Assert.Equal(
            "bcdefghijk", string.Concat(kept.WrittenBefore("abcdefghijk".Select(key => $"{key}"), 1).Select(entry => entry.Key)));
    }

    [Fact]
    public void WhatIsInUse_IsWrittenAgainBeforeItIsTooOld()
    {
        var values = new Dictionary<string, byte[]>();
        var kept = new KeptCalibrations(Unbounded) { OnWorkedOut = (key, value) => values.Add(key, value) };
        var calibration = new MeanCalibration(Costs(), kept);
        calibration.Prepare(NinetySeconds, 300);

        Assert.Equal(values.OrderBy(value => value.Key), WrittenBefore(0)); // never written down
        foreach (var (key, value) in values)
        {
            kept.TryAdd(key, value, 1_000); // read back
        }

        Assert.Empty(kept.WrittenBefore(calibration.Keys, 1_000));
        Assert.Equal(values.OrderBy(value => value.Key), WrittenBefore(1_001));
        Assert.Empty(kept.WrittenBefore([], 1_001)); // of no reference in use

        IEnumerable<KeyValuePair<string, byte[]>> WrittenBefore(long timeMs) =>
            kept.WrittenBefore(calibration.Keys, timeMs).OrderBy(value => value.Key);
    }

    /// <summary>
    /// Golden values, written down from a run: whatever changes how a threshold is worked out (the seed, the number of references or looks,
    /// the random numbers' algorithm, the sampling, the fit) changes them. Then <see cref="KeptCalibrations.Algorithm"/> is raised, else
    /// replicas go on with what was kept, and they are written down anew. What must not change them is the process, the machine or the day.
    /// </summary>
    [Fact]
    public void Thresholds_AreThoseOfThisAlgorithm()
    {
        var drift = new DriftCalibration(OneHot, SeriesKey.All, 1).Thresholds(FiveMinutes, 1_500, OnceADay);
        var soft = new DriftCalibration(new SoftTraffic(3, [5, 3, 1], 40).Reference(200), SeriesKey.All, 1).Thresholds(
            NinetySeconds, 300, OnceADay);
        var wholeBlocks = new DriftCalibration(new SoftTraffic(3, [5, 3, 1], 40).Reference(400), SeriesKey.All, 1).Thresholds(
            NinetySeconds, 300, OnceADay);
        var telegraph = new SimulatedTraffic(4, [0.5, 0.3, 0.2], 100) { Change = block => block / 3 * 7919 % 11 < 5 ? 0.3 : -0.3 };
        var stretches = new DriftCalibration(telegraph.Reference(2_000), SeriesKey.All, 1).Thresholds(NinetySeconds, 900, OnceADay);
        var mean = new MeanCalibration(Costs()).Threshold(NinetySeconds, 300, OnceADay);

        Assert.Equal(4, KeptCalibrations.Algorithm);
        Assert.Equal(
            "0.0873455 0.100728 0.0241751 0.00302298 0.00302118 0.395397 0.00298058 0.133216",
            string.Join(
                ' ',
                new[]
                {
                    drift.KlLiveVsReferenceNats, drift.KlReferenceVsLiveNats, drift.CusumNats!.Value,
                    soft.KlLiveVsReferenceNats, soft.KlReferenceVsLiveNats, mean, wholeBlocks.KlLiveVsReferenceNats,
                    stretches.KlLiveVsReferenceNats,
                }.Select(nats => nats.ToString("G6", CultureInfo.InvariantCulture))));
    }

    private static KeptCalibrations Kept(Dictionary<string, byte[]> values)
    {
        var kept = new KeptCalibrations(Unbounded);
        Assert.All(values, value => Assert.True(kept.TryAdd(value.Key, value.Value, 0)));
        return kept;
    }

    private static ValueBaseline Costs(long more = 0) => new(
        [0.1, 0.7, 3],
        [.. Enumerable.Range(0, 200).Select(block => new ValueBlock(block * 10_000L, [40 + more, 10 + (block % 5), block % 3]))]);
}
