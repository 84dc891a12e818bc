using CsCheck;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Join;

/// <summary>
/// Labels of classes that hold or not, each by itself. Expected values by Python's math module: scikit-learn's <c>log_loss</c> of each
/// class, added up; <c>accuracy_score</c> of indicators, which is the share of samples of which every class is right; the mean over the
/// classes of 2(p − y)².
/// </summary>
public sealed class IndependentLabelTests
{
    private const double Unit = 1 / FixedPoint.One;

    private static readonly ClassSpace Space = ClassSpace.CreateIndependent(["a", "b", "c"]);
    private static readonly ClassSpace Exclusive = ClassSpace.Create(["a", "b", "c"]);
    private static readonly ClassSpace OneClass = ClassSpace.CreateIndependent(["x"]);

    private static readonly FeedbackPlan Plan = new(
        Given.Plan("60ms/20ms", lateness: 1_000, skew: 1_000), TimeSpan.FromMilliseconds(100));

    [Theory]
    [InlineData(1, 0, 1, 0.8393296907380268, 0.14, true)]
    [InlineData(0, 1, 0, 4.8283137373023015, 1.2066666666666668, false)]
    [InlineData(1, 0, 0, 1.244794798846191, 0.2733333333333333, false)] // two of three classes are right
    [InlineData(0, 0, 0, 3.4420193761824107, 0.8066666666666666, false)]
    public void A_set_costs_the_binary_cross_entropy_of_each_class(double a, double b, double c, double loss, double brier, bool correct)
    {
        var outcome = FeedbackOutcome.Create(Prediction(.9, .2, .6), Positions(a, b, c));
        Assert.Equal(loss, outcome.LossUnits * Unit, Unit);
        Assert.Equal(1.4984970639388926, outcome.ExpectedUnits * Unit, Unit);
        Assert.Equal(brier, outcome.BrierUnits * Unit, Unit);
        Assert.Equal(.9 * .8 * .6, outcome.ConfidenceUnits * Unit, Unit);
        Assert.Equal((0, correct, false, false), (outcome.KlUnits, outcome.Correct, outcome.Soft, outcome.Capped));
    }

    [Fact]
    public void Truths_in_part_cost_their_entropy_and_their_divergence()
    {
        var outcome = FeedbackOutcome.Create(Prediction(.9, .2, .6), Named(("a", 1), ("b", .2), ("c", .5)));
        Assert.Equal(1.319321117016087, outcome.LossUnits * Unit, Unit);
        Assert.Equal(0.12577151291795374, outcome.KlUnits * Unit, Unit);
        Assert.Equal(0.04 / 3, outcome.BrierUnits * Unit, Unit);
        Assert.True(outcome is { Soft: true, Correct: false }); // what is half true does not hold, and c is said to
    }

    /// <summary>Half is not more than half, of predictions as of truths: scikit-learn's threshold is p > ½.</summary>
    [Fact]
    public void Half_probable_does_not_hold()
    {
        Assert.True(FeedbackOutcome.Create(Prediction(.5, .5, .5), Positions(0, 0, 0)).Correct);
        Assert.False(FeedbackOutcome.Create(Prediction(.5, .5, .5), Positions(0, 0, 1)).Correct);
    }

    /// <summary>Each class that was ruled out costs the cap: whether it holds, or does not though that was certain.</summary>
    [Fact]
    public void The_cap_is_of_each_class()
    {
        var outcome = FeedbackOutcome.Create(Prediction(1, 0, .5), Positions(0, 1, 0));
        Assert.Equal((2 * 64 * Math.Log(2)) + Math.Log(2), outcome.LossUnits * Unit, 1e-9);
        Assert.True(outcome.Capped);
        Assert.False(FeedbackOutcome.Create(Prediction(1, 0, .5), Positions(1, 0, 0)).Capped);
    }

    [Fact]
    public void As_many_classes_as_there_may_be_fit_into_64_bits()
    {
        var space = ClassSpace.CreateIndependent(ClassSpace.Indexed(ClassSpace.MaxClasses / 2).Names);
        var cells = new double[space.CellCount];
        for (var cell = 0; cell < space.OtherIndex; cell += 2)
        {
            cells[cell] = 1.0 / space.Choices;
        }

        var label = new FeedbackLabel(0, 0, null, null, new LabelTruths([], [.. Enumerable.Repeat(1.0, space.Choices)]));
        var outcome = FeedbackOutcome.Create(new JoinedPrediction(0, 0, [], space, cells), label);
        Assert.Equal(1e5 * 64 * Math.Log(2), outcome.LossUnits * Unit, 1e-3);
    }

    /// <summary>What is said of classes that the model does not know has its part of the mass; the others are what they are.</summary>
    [Fact]
    public void Mass_of_unknown_classes_changes_nothing()
    {
        var prediction = Prediction(.9, .2, .6);
        var shifted = prediction with { Probabilities = [.. prediction.Probabilities.Select(p => p * .75).SkipLast(1), .25] };
        var (one, other) = (
            FeedbackOutcome.Create(prediction, Positions(1, 0, 1)), FeedbackOutcome.Create(shifted, Positions(1, 0, 1)));
        Assert.InRange(Math.Abs(one.LossUnits - other.LossUnits), 0, 1);
        Assert.InRange(Math.Abs(one.BrierUnits - other.BrierUnits), 0, 1);
        Assert.InRange(Math.Abs(one.ConfidenceUnits - other.ConfidenceUnits), 0, 1);
    }

    public static TheoryData<FeedbackLabel, FeedbackLabel> Same => new()
    {
        { Positions(1, 0, 1), Names("a", "c") },
        { Positions(1, 0, 1), Named(("a", 1), ("c", 1)) },
        { Positions(1, 0, 1), Named(("a", 1), ("b", 0), ("c", 1), ("unknown", 0)) },
        { Positions(1, 0, 1), Named(("a", 1.0005), ("c", 1)) }, // within the tolerance of what is read
        { Positions(0, 1, 0), new FeedbackLabel(0, 0, "b", null) },
        { Positions(0, 1, 0), new FeedbackLabel(0, 0, null, 1) }, // the second class, not the second cell
        { Positions(0, 1, 0), Names("b") },
        { Positions(0, 1, 0), Distribution(("b", 1)) },
        { Positions(0, .25, .75), Distribution(("b", .25), ("c", .75)) }, // it looks like a distribution
        { Positions(0, 0, 0), Names() },
    };

    [Theory]
    [MemberData(nameof(Same))]
    public void Every_form_says_the_same(FeedbackLabel one, FeedbackLabel other)
    {
        Assert.Equal((null, null), (one.ObjectionTo(Space), other.ObjectionTo(Space)));
        Assert.Equal(FeedbackOutcome.Create(Prediction(.9, .2, .6), one), FeedbackOutcome.Create(Prediction(.9, .2, .6), other));
    }

    public static TheoryData<FeedbackLabel> Unknown =>
    [
        Positions(1, 0), Positions(1, 0, 1, 0), Names("a", "d"), Named(("d", .1)), Distribution(("a", .5), ("d", .5)),
        Names("not a"), new FeedbackLabel(0, 0, "not a", null), new FeedbackLabel(0, 0, "d", null),
        new FeedbackLabel(0, 0, null, 3), new FeedbackLabel(0, 0, null, -1),
    ];

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Classes_or_positions_that_the_model_has_not_are_unknown(FeedbackLabel label) =>
        Assert.Equal(UnmatchedReason.UnknownClass, label.ObjectionTo(Space));

    public static TheoryData<FeedbackLabel> OnlySets =>
    [
        Positions(1, 0, 1), Positions(0, 1, 0), Positions(1), Names("a"), Names("a", "b"), Names(), Names("d"),
        Named(("a", .5), ("b", .6)),
    ];

    [Theory]
    [MemberData(nameof(OnlySets))]
    public void Sets_are_no_labels_of_classes_that_exclude_each_other(FeedbackLabel label) =>
        Assert.Equal(UnmatchedReason.NotADistribution, label.ObjectionTo(Exclusive));

    /// <summary>Rounded shares are divided by their sum, so that they are a distribution.</summary>
    [Fact]
    public void Shares_of_classes_that_exclude_each_other_are_normalised()
    {
        double[] p = [.7, .2, .1, 0];
        var label = new FeedbackLabel(0, 0, null, null, new LabelTruths(["a", "b"], [.25, .7505], 1.0005));
        Assert.Equal(
            FeedbackOutcome.Create(p, [.25 / 1.0005, .7505 / 1.0005, 0, 0], soft: true),
            FeedbackOutcome.Create(new JoinedPrediction(0, 0, [], Exclusive, p), label));
    }

    public static TheoryData<FeedbackLabel, double> OfOne => new()
    {
        { Names("x"), 1 }, { Names(), 0 }, { Positions(1), 1 }, { Positions(0), 0 }, { Named(("x", .3)), .3 },
        { Distribution(("not x", .7), ("x", .3)), .3 }, { Distribution(("x", 1)), 1 },
        { new FeedbackLabel(0, 0, "x", null), 1 }, { new FeedbackLabel(0, 0, "0", null), 0 }, { new FeedbackLabel(0, 0, null, 1), 1 },
    };

    /// <summary>One class that holds or not is two that exclude each other: labels of both kinds say the same.</summary>
    [Theory]
    [MemberData(nameof(OfOne))]
    public void One_class_is_two_that_exclude_each_other(FeedbackLabel label, double y)
    {
        Assert.Null(label.ObjectionTo(OneClass));
        var outcome = FeedbackOutcome.Create(new JoinedPrediction(0, 0, [], OneClass, [.2, .8, 0]), label);
        Assert.Equal(-(y * Math.Log(.8)) - ((1 - y) * Math.Log(.2)), outcome.LossUnits * Unit, 1.5 * Unit);
        Assert.Equal(2 * (.8 - y) * (.8 - y), outcome.BrierUnits * Unit, 1.5 * Unit);
        Assert.Equal((.8, y > .5), (Math.Round(outcome.ConfidenceUnits * Unit, 9), outcome.Correct));
    }

    [Fact]
    public void One_class_has_one_position_and_its_own_name()
    {
        Assert.Equal(UnmatchedReason.UnknownClass, Positions(1, 0).ObjectionTo(OneClass));
        Assert.Equal(UnmatchedReason.UnknownClass, Names("y").ObjectionTo(OneClass));
    }

    /// <summary>
    /// The sums of predictions and labels of any form are, to the bit, those of each prediction's last label that says something, whatever
    /// is read first.
    /// </summary>
    [Fact]
    public void Sums_follow_from_both_logs_alone() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 7]).List[1, 20], Gen.Int[0, int.MaxValue]).Sample(
            (labels, seed) =>
            {
                var expected = new FeedbackSums();
                foreach (var of in labels.Where(label => Form(label.Item2).ObjectionTo(Space) is null).GroupBy(label => label.Item1))
                {
                    expected.Change(FeedbackOutcome.Create(OfId(of.Key), Form(of.Last().Item2)), subtract: false);
                }

                Assert.Equal(Text(expected), Text(Joined(labels, Enumerable.Repeat(false, 4))));
                Assert.Equal(Text(expected), Text(Joined(labels, Enumerable.Repeat(true, 100))));
                var random = new Random(seed);
                Assert.Equal(Text(expected), Text(Joined(labels, Enumerable.Range(0, 100).Select(_ => random.Next(2) == 0))));
            },
            iter: 500);

    [Fact]
    public void Sets_of_classes_that_exclude_each_other_are_counted_with_their_model()
    {
        foreach (var labelFirst in (bool[])[false, true])
        {
            var counted = new List<(string?, UnmatchedReason, long)>();
            var join = new FeedbackJoin(
                Plan, new MemoryFeedbackStore(100), (model, reason, count) => counted.Add((model, reason, count)));
            var record = Given.Prediction(Given.Model(), new ModelClasses(Exclusive, 1), 0, 10, null, null, .7, .2, .1);
            record.Id = "1";
            Action[] steps = [() => join.Add(record), () => join.Add(Label(0, 1, Names("a", "b")), 30)];
            Array.ForEach(labelFirst ? [.. steps.Reverse()] : steps, step => step());
            var own = Label(1, 1, Names("a")) with { Id = null, Prediction = JoinedPrediction.Create(record) }; // carried by the label
            join.Add(own, 30);
            join.Commit();
            Assert.Equal([("m", UnmatchedReason.NotADistribution, 2)], counted);
        }
    }

    [Fact]
    public void A_label_of_one_number_of_names_and_another_of_values_cannot_be()
    {
        Assert.Throws<ArgumentException>(() => new LabelTruths(["a", "b"], [1]));
        Assert.Throws<ArgumentException>(() => new LabelTruths([], [1], 1));
    }

    private static FeedbackSums Joined(List<(int Id, int Form)> labels, IEnumerable<bool> labelNext)
    {
        var store = new MemoryFeedbackStore(100);
        var join = new FeedbackJoin(Plan, store);
        var (predicted, labelled) = (0, 0);
        foreach (var next in labelNext.Concat(Enumerable.Repeat(true, labels.Count)).Concat(Enumerable.Repeat(false, 4)))
        {
            if (next && labelled < labels.Count)
            {
                join.Add(Label(labelled, labels[labelled].Id, Form(labels[labelled].Form)), 30);
                labelled++;
            }
            else if (!next && predicted < 4)
            {
                var record = Given.Prediction(
                    Given.Model(), new ModelClasses(Space, 1), predicted, 10, null, null, OfId(predicted).Probabilities);
                record.Id = predicted.ToString(System.Globalization.CultureInfo.InvariantCulture);
                join.Add(record);
                predicted++;
            }
        }

        join.Commit();
        var sums = store.Pane(new FeedbackPaneKey(new SeriesKey("m", "_all"), Attribution.PredictionTime, 20, 0)).Copy();
        Assert.Equal(4, sums.Predictions);
        sums.Predictions = 0;
        return sums;
    }

    private static JoinedPrediction OfId(int id) => id switch
    {
        0 => Prediction(.9, .2, .6),
        1 => Prediction(0, 1, .5),
        2 => Prediction(.1, .8, .999),
        _ => Prediction(1e-9, .3, .4),
    };

    private static FeedbackLabel Form(int form) => form switch
    {
        0 => Names("a", "c"),
        1 => Positions(0, 1, 1),
        2 => Named(("a", 1), ("b", .2)),
        3 => Distribution(("b", .25), ("c", .75)),
        4 => new FeedbackLabel(0, 0, "b", null),
        5 => new FeedbackLabel(0, 0, null, 2),
        6 => Positions(1, 1),
        _ => Names(),
    };

    private static string Text(FeedbackSums sums) => string.Join(
        ' ', [
            sums.Events, sums.SoftEvents, sums.CappedEvents, sums.Correct, sums.Loss, sums.Expected, sums.Kl, sums.Brier,
            .. sums.BinEvents, .. sums.BinConfidence, .. sums.BinCorrect]);

    private static FeedbackRecord Label(int offset, int id, FeedbackLabel label) => new FeedbackRecord(
        RejectionReason.None, "m", id.ToString(System.Globalization.CultureInfo.InvariantCulture), label, null, null).At(offset, 30);

    /// <summary>The probabilities of "a", "b" and "c", each by itself.</summary>
    private static JoinedPrediction Prediction(params double[] p) =>
        new(0, 0, [], Space, [.. p.SelectMany(x => new[] { (1 - x) / 3, x / 3 }), 0]);

    private static FeedbackLabel Positions(params double[] truths) => new(0, 0, null, null, new LabelTruths([], [.. truths]));

    private static FeedbackLabel Names(params string[] names) =>
        new(0, 0, null, null, new LabelTruths([.. names], [.. names.Select(_ => 1.0)]));

    private static FeedbackLabel Named(params (string Name, double Truth)[] truths) => Named(truths, null);

    private static FeedbackLabel Distribution(params (string Name, double Truth)[] truths) => Named(truths, 1);

    private static FeedbackLabel Named((string Name, double Truth)[] truths, double? sum) => new(
        0, 0, null, null, new LabelTruths([.. truths.Select(one => one.Name)], [.. truths.Select(one => one.Truth)], sum));
}
