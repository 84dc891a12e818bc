using CsCheck;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.References;

public sealed class ReferenceBuilderTests
{
    private readonly WatchedModel _model = Given.Model();
    private readonly ModelClasses _classes = Given.Classes(2);

    private ReferenceBuilder Builder(long blockMs = 10) => new("m", _classes.Space, blockMs);

    private PredictionRecord Prediction(long timeMs, double p = 1, string? segment = null) =>
        Given.Prediction(_model, _classes, 0, timeMs, timeMs, segment, p, 1 - p);

    [Fact]
    public void Build_GivesSharesAndVariances()
    {
        var builder = Builder();
        foreach (var p in new[] { 0.5, 0.25, 0.75, 1.0 })
        {
            builder.Add(Prediction(0, p));
        }

        Assert.Equal(4, builder.Events);
        var all = builder.Build(1, DateTimeOffset.UnixEpoch).All;
        Assert.Equal(4, all.Events);
        Assert.Equal([0.625, 0.375, 0], all.Shares.ToArray());
        // (0.5² + 0.25² + 0.75² + 1²)/4 − 0.625² = 0.078125, of p and of 1 − p alike
        Assert.Equal([0.078125, 0.078125, 0], all.Variances.ToArray());
    }

    [Theory]
    [InlineData(false, "DE:1 _all:3")]
    [InlineData(true, "DE:1 _all:3 version=1:2 version=2:1")]
    public void Versions_have_distributions_of_their_own_where_that_is_wanted(bool versions, string segments)
    {
        var builder = new ReferenceBuilder("m", _classes.Space, 10, versions: versions);
        builder.Add(Given.Prediction(_model, _classes, 0, 0, 0, "DE", "1", 1, 0));
        builder.Add(Given.Prediction(_model, _classes, 1, 0, 0, null, "2", 1, 0));
        builder.Add(Given.Prediction(_model, _classes, 2, 0, 0, "version=1", "1", 0, 1)); // one series
        Assert.Equal(segments, string.Join(' ', builder.Build(1, DateTimeOffset.UnixEpoch).Segments
            .OrderBy(segment => segment.Key, StringComparer.Ordinal).Select(segment => $"{segment.Key}:{segment.Value.Events}")));
    }

    /// <summary>One-hot outputs are Bernoulli draws: Var = q(1 − q).</summary>
    [Fact]
    public void Variances_OfOneHotOutputs_AreThoseOfBernoulliDraws() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[1, 50]).Sample((ones, zeros) =>
        {
            var builder = Builder();
            for (var i = 0; i < ones + zeros; i++)
            {
                builder.Add(Prediction(i, i < ones ? 1 : 0));
            }

            var all = builder.Build(1, DateTimeOffset.UnixEpoch).All;
            var q = (double)ones / (ones + zeros);
            return Math.Abs(all.Shares[0] - q) < 1e-12 && Math.Abs(all.Variances[0] - (q * (1 - q))) < 1e-12;
        });

    /// <summary>The service looks back over a pane of 10 s, a minute of lateness and 10 s of disorder, and so does a reference.</summary>
    [Fact]
    public void Add_TheSecondOfAnId_CountsInNothing()
    {
        var builder = Builder();
        void Add(long timeMs, string id)
        {
            var record = Prediction(timeMs);
            record.Id = id;
            builder.Add(record);
        }

        Add(5_000, "a");
        Add(5_000, "a");
        Add(70_000, "a");
        Add(70_000, "b");
        Add(70_000, "");
        Add(70_000, "");
        Assert.Equal((4, 2), (builder.Events, builder.Duplicates));
        Add(160_000, "b");
        Assert.Equal((5, 2), (builder.Events, builder.Duplicates));
    }

    /// <summary>What comes from before all that the service would look at counts each time, and leaves nothing behind.</summary>
    [Fact]
    public void Add_OutOfOrder_LooksBackNoFurther()
    {
        var builder = Builder();
        for (var i = 0; i < 2_000; i++)
        {
            var record = Prediction(1_000_000_000 - (i % 1_000 * 100_000));
            record.Id = $"{i % 1_000}";
            builder.Add(record);
        }

        Assert.Equal((1_999, 1), (builder.Events, builder.Duplicates)); // the latest is found again
        Assert.Equal(1, builder.KeptIds);
    }

    [Fact]
    public void Build_KeepsSegmentsBesideTheWhole()
    {
        var builder = Builder();
        builder.Add(Prediction(1, 1, "a"));
        builder.Add(Prediction(2, 0, "a"));
        builder.Add(Prediction(3, 0));
        var segments = builder.Build(1, DateTimeOffset.UnixEpoch).Segments;
        Assert.Equal(["_all", "a"], segments.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, segments["_all"].Events);
        Assert.Equal([0.5, 0.5, 0], segments["a"].Shares.ToArray());
    }

    [Fact]
    public void Build_IsASnapshot_ThatLaterEventsLeaveAlone()
    {
        var builder = Builder();
        builder.Add(Prediction(1));
        var before = builder.Build(1, DateTimeOffset.UnixEpoch);
        builder.Add(Prediction(2));
        Assert.Equal(1, before.All.Events);
        Assert.Equal(1, before.Blocks[0].Events);
        Assert.Equal(2, builder.Build(1, DateTimeOffset.UnixEpoch).All.Events);
    }

    // ms        -10        0          10         20
    // block     [-1.......)[0....9....)[         )[20
    [Fact]
    public void Blocks_AreAlignedToTheEpoch_OldestFirst()
    {
        var builder = Builder();
        foreach (var ms in new[] { 20, 9, -1, 0 })
        {
            builder.Add(Prediction(ms));
        }

        Assert.Equal(
            [(-10L, 1L), (0, 2), (20, 1)],
            builder.Build(1, DateTimeOffset.UnixEpoch).Blocks.Select(block => (block.StartMs, block.Events)));
    }

    [Fact]
    public void Blocks_SumToTheWhole_HoweverOftenTheyAreMerged() =>
        Gen.Select(Gen.Int[0, 100_000].Array[1, 30], Gen.Double[0, 1].Array[30], Gen.Int[1, 3]).Sample(
            (times, probabilities, scale) =>
            {
                var builder = Builder(blockMs: 1);
                for (var i = 0; i < times.Length; i++)
                {
                    for (var j = 0; j < 100; j++)
                    {
                        builder.Add(Prediction((times[i] * scale) + j, probabilities[i]));
                    }
                }

                var snapshot = builder.Build(1, DateTimeOffset.UnixEpoch);
                var sum = new ulong[3];
                foreach (var block in snapshot.Blocks)
                {
                    for (var k = 0; k < sum.Length; k++)
                    {
                        sum[k] += block.Mass[k];
                    }
                }

                Assert.Equal(snapshot.All.Sums.Mass.ToArray(), sum);
                Assert.Equal(snapshot.All.Events, snapshot.Blocks.Sum(block => block.Events));
                Assert.InRange(snapshot.Blocks.Length, 1, ReferenceBuilder.MaxBlocks);
                Assert.Equal(
                    snapshot.Blocks.Select(block => block.StartMs).Distinct().Order(), snapshot.Blocks.Select(block => block.StartMs));
            },
            iter: 50);

    [Fact]
    public void Blocks_AreMadeTwiceAsLong_WhenThereAreTooMany()
    {
        var builder = Builder();
        for (var i = 0; i < ReferenceBuilder.MaxBlocks; i++)
        {
            builder.Add(Prediction(i * 10));
        }

        Assert.Equal(ReferenceBuilder.MaxBlocks, builder.Build(1, DateTimeOffset.UnixEpoch).Blocks.Length);
        builder.Add(Prediction(ReferenceBuilder.MaxBlocks * 10));
        var blocks = builder.Build(1, DateTimeOffset.UnixEpoch).Blocks;
        Assert.Equal((ReferenceBuilder.MaxBlocks / 2) + 1, blocks.Length);
        Assert.Equal([0L, 20, 40], blocks.Take(3).Select(block => block.StartMs));
        Assert.All(blocks[..^1], block => Assert.Equal(2, block.Events));
    }

    [Fact]
    public void Add_RefusesWhatIsNoPredictionOfTheModel()
    {
        var builder = Builder();
        Assert.Throws<ArgumentException>(() => builder.Add(Given.Rejected(0, 0)));
        Assert.Throws<ArgumentException>(() => builder.Add(Given.Prediction(Given.Model("other"), _classes, 0, 0)));
        Assert.Throws<ArgumentException>(() => builder.Add(Given.Prediction(_model, Given.Classes(3), 0, 0)));
        Assert.Equal(0, builder.Events);
        Assert.Throws<ArgumentException>(() => builder.Build(1, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Losses_AreKeptByThePredictionsTime()
    {
        var builder = Builder();
        builder.Add(Prediction(1));
        Assert.Equal((null, null), (builder.Build(1, DateTimeOffset.UnixEpoch) is var without ? without.Losses : null, without.Errors));
        builder.AddLabel(25, FixedPoint.FromNats(1.5), correct: false);
        builder.AddLabel(9, FixedPoint.FromNats(0.25), correct: true);
        builder.AddLabel(21, FixedPoint.FromNats(1.5), correct: true);

        var snapshot = builder.Build(1, DateTimeOffset.UnixEpoch);
        var losses = snapshot.Losses!;
        Assert.Equal(3, builder.Labels);
        Assert.Equal([0.25, 1.5], losses.BinMeans);
        Assert.Equal([(0L, 1L, 0L), (20, 0, 2)], losses.Blocks.Select(block => (block.StartMs, block.Counts[0], block.Counts[1])));
        Assert.Equal(
            [(0L, 1L, 0L), (20, 1, 1)], snapshot.Errors!.Blocks.Select(block => (block.StartMs, block.Counts[0], block.Counts[1])));
        Assert.Equal(2.0 / 3, snapshot.AccuracyRatio!.Value, 1e-15);
    }

    /// <summary>A tenth may be capped; of more the mean would be that of the cap.</summary>
    [Fact]
    public void Losses_OfWhichMoreThanATenthIsCapped_AreNoBaseline()
    {
        var builder = Builder();
        builder.Add(Prediction(1));
        for (var label = 0; label < 10; label++)
        {
            builder.AddLabel(label, FixedPoint.FromNats(label == 0 ? 44.36 : 0.25), correct: label != 0, capped: label == 0);
        }

        Assert.False(builder.LossesAreCapped);
        Assert.NotNull(builder.Build(1, DateTimeOffset.UnixEpoch).Losses);
        builder.AddLabel(10, FixedPoint.FromNats(44.36), correct: false, capped: true);
        Assert.Equal((true, 2, 11), (builder.LossesAreCapped, builder.CappedLabels, builder.Labels));
        var snapshot = builder.Build(1, DateTimeOffset.UnixEpoch);
        Assert.Null(snapshot.Losses);
        Assert.Equal(9.0 / 11, snapshot.AccuracyRatio!.Value, 1e-15); // which class was the most probable is known all the same
        Assert.Equal(1, snapshot.All.Events);
    }

    /// <summary>ln 2 between the policies of each event: worked values of the two measures' own tests.</summary>
    [Fact]
    public void Policies_AreKeptForEachEstimateThatOccurs()
    {
        var builder = Builder();
        builder.Add(Prediction(1));
        Assert.Empty(builder.Build(1, DateTimeOffset.UnixEpoch).Policies);

        var paired = Prediction(12);
        paired.Paired = PairedKullbackLeibler.Of([0.5, 0.5], [0.25, 0.75]);
        builder.Add(paired);
        var policies = builder.Build(1, DateTimeOffset.UnixEpoch).Policies;
        Assert.Equal([PolicyEstimate.ExactLiveVsReference, PolicyEstimate.ExactReferenceVsLive], policies.Keys.Order());
        Assert.Equal(0.5 * Math.Log(4.0 / 3), policies[PolicyEstimate.ExactLiveVsReference].Mean, FixedPoint.Unit); // ½ ln 2 + ½ ln ⅔
        Assert.Equal(
            (10L, 1L),
            (policies[PolicyEstimate.ExactReferenceVsLive].Blocks[0].StartMs, policies[PolicyEstimate.ExactReferenceVsLive].Events));
    }

    [Fact]
    public void Add_OfWhatWasOnlySampled_CountsAmongThePoliciesAlone()
    {
        var builder = Builder();
        var sampled = new PredictionRecord { RecordTimeMs = 35 };
        sampled.Begin(_model, ModelClasses.Sampled);
        sampled.Sampled = SampledKullbackLeibler.Of(0, -Math.Log(2)); // r = ½: k1 = ln 2, k2 = ½ ln² 2, k3 = ln 2 − ½
        builder.Add(sampled);
        Assert.Equal(0, builder.Events);
        Assert.Throws<ArgumentException>(() => builder.Build(1, DateTimeOffset.UnixEpoch));

        builder.Add(Prediction(1));
        var snapshot = builder.Build(1, DateTimeOffset.UnixEpoch);
        Assert.Equal(1, snapshot.All.Events);
        Assert.Equal([PolicyEstimate.K1, PolicyEstimate.K2, PolicyEstimate.K3], snapshot.Policies.Keys.Order());
        var ln2 = 0.693147180559945309;
        Assert.Equal(ln2, snapshot.Policies[PolicyEstimate.K1].Mean, FixedPoint.Unit);
        Assert.Equal(ln2 * ln2 / 2, snapshot.Policies[PolicyEstimate.K2].Mean, FixedPoint.Unit);
        Assert.Equal(ln2 - 0.5, snapshot.Policies[PolicyEstimate.K3].Mean, FixedPoint.Unit);
        Assert.All(snapshot.Policies.Values, policy => Assert.Equal(30, Assert.Single(policy.Blocks).StartMs));
    }

    [Fact]
    public void Constructor_RefusesBlocksWithoutLength() => Assert.Throws<ArgumentOutOfRangeException>(() => Builder(blockMs: 0));

    /// <summary>Shares and noise floor of 6000 real events, against an independent computation.</summary>
    [Fact]
    public void Build_OfTheDigits_GivesTheExpectedShares()
    {
        var all = Digits.Reference.All;
        Assert.Equal(6_000, all.Events);
        Assert.Equal(0, all.Shares[10]);
        var expected = Digits.Expected.Numbers("reference");
        for (var k = 0; k < expected.Length; k++)
        {
            Assert.Equal(expected[k], all.Shares[k], 1e-9);
        }

        var floor = 0.0; // ½ Σ Var/q (1/n + 1/m)
        for (var k = 0; k < expected.Length; k++)
        {
            floor += all.Variances[k] / all.Shares[k] / 2 * ((1 / 600.0) + (1 / 6_000.0));
        }

        Assert.Equal(Digits.Expected.GetProperty("windows")[0].Number("noise_floor"), floor, 1e-9);
        Assert.Equal(60, Digits.Reference.Blocks.Length);
        Assert.All(Digits.Reference.Blocks, block => Assert.Equal(100, block.Events));
    }
}
