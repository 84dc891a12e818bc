using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Join;

/// <summary>How a labelled prediction comes out. Expected values by hand, from the formulas; logarithms by Python's math module.</summary>
public sealed class FeedbackOutcomeTests
{
    private const double Unit = 1 / FixedPoint.One;

    private static readonly ClassSpace Space = ClassSpace.Create(["a", "b", "c"]);
    private static readonly JoinedPrediction Prediction = new(0, 0, [], Space, [.7, .2, .1, 0]);

    [Fact]
    public void HardLabel_CostsTheLogarithmOfItsProbability()
    {
        var outcome = FeedbackOutcome.Create(Prediction, Label("b"));

        Assert.Equal(1.6094379124341003, outcome.LossUnits * Unit, Unit); // -ln 0.2
        Assert.Equal(0.8018185525433372, outcome.ExpectedUnits * Unit, Unit);
        Assert.Equal(0.49 + 0.64 + 0.01, outcome.BrierUnits * Unit, Unit);
        Assert.Equal(0.7, outcome.ConfidenceUnits * Unit, Unit);
        Assert.Equal((0, false, false, false), (outcome.KlUnits, outcome.Correct, outcome.Soft, outcome.Capped));
    }

    [Fact]
    public void IndexNamesTheSameClassAsTheName() =>
        Assert.Equal(
            FeedbackOutcome.Create(Prediction, Label("b")), FeedbackOutcome.Create(Prediction, new FeedbackLabel(0, 0, null, 1)));

    [Fact]
    public void SoftLabel_CostsItsEntropyAndItsDivergence()
    {
        var outcome = FeedbackOutcome.Create(Prediction, new FeedbackLabel(0, 0, null, null, new LabelTruths(["a", "b"], [.5, .5], 1)));

        Assert.Equal(0.9830564281864164, outcome.LossUnits * Unit, Unit);
        Assert.Equal(0.2899092476264711, outcome.KlUnits * Unit, Unit); // the loss less ln 2
        Assert.Equal(0.04 + 0.09 + 0.01, outcome.BrierUnits * Unit, Unit);
        Assert.True(outcome is { Soft: true, Correct: true });
    }

    [Theory]
    [InlineData("c", 0)]
    [InlineData("c", 1e-30)]
    [InlineData("nobody knows it", 0)] // its cell is __other__
    public void Impossible_CostsAFiniteMaximumAndIsCounted(string label, double probability)
    {
        var outcome = FeedbackOutcome.Create(Prediction with { Probabilities = [1 - probability, 0, probability, 0] }, Label(label));

        Assert.Equal(44.3614195558365, outcome.LossUnits * Unit, 1e-9); // 64 ln 2
        Assert.True(outcome.Capped);
    }

    [Fact]
    public void Measures_AreMeansOverTheSums()
    {
        // Two of confidence 0.7 (one right) and one of 0.9 (right): calibration error 2/3·|1/2 − 0.7| + 1/3·|1 − 0.9|.
        var sums = new FeedbackSums { Predictions = 6 };
        sums.Change(FeedbackOutcome.Create(Prediction, Label("a")), subtract: false);
        sums.Change(FeedbackOutcome.Create(Prediction, Label("b")), subtract: false);
        sums.Change(FeedbackOutcome.Create(Prediction with { Probabilities = [.9, .1, 0, 0] }, Label("a")), subtract: false);
        var measures = FeedbackMeasures.FromSums(sums);

        Assert.Equal((3, 0), (measures.Events, measures.CappedEvents));
        Assert.Equal((-Math.Log(.7) - Math.Log(.2) - Math.Log(.9)) / 3, measures.CrossEntropyNats!.Value, Unit);
        Assert.Equal(2 / 3.0, measures.AccuracyRatio!.Value, 1e-15);
        Assert.Equal((2 / 3.0 * .2) + (1 / 3.0 * .1), measures.CalibrationErrorRatio!.Value, Unit);
        Assert.Equal(.5, measures.CoverageRatio);
        Assert.Null(measures.KlLabelVsPredictionNats); // no soft label
        Assert.Equal([(2, .5), (1, 1.0)], measures.Reliability.Select(bin => (bin.Events, bin.Accuracy)));
    }

    [Fact]
    public void Measures_OfNothingAreUndefined() => Assert.Equal(
        (null, null, null, null, null), (
            FeedbackMeasures.FromSums(new FeedbackSums()) is var none ? none.CrossEntropyNats : 0, none.AccuracyRatio, none.BrierScore,
            none.CalibrationErrorRatio, none.CoverageRatio));

    private static FeedbackLabel Label(string name) => new(0, 0, name, null);
}
