namespace DriftMonitor.Join;

/// <summary>How one labelled prediction came out, in units of 2⁻³² (<see cref="FixedPoint"/>): sums add and take it back exactly.</summary>
/// <remarks>
/// For a label y and a prediction p over the same cells, natural logarithm:
/// loss −Σ y ln p, for a hard label −ln p of the class; expected −Σ p ln p, what the model itself expected to pay;
/// KL(y‖p) = Σ y ln(y/p), of soft labels only (for a hard one it is the loss); Brier score Σ (p − y)², in [0, 2] (Brier 1950);
/// correct when the largest p is where the largest y is, of equal ones the first.
/// A probability below 2⁻⁶⁴ for what happened counts as 2⁻⁶⁴, so that it costs 64·ln 2 ≈ 44.4 nats and not infinity.
/// Each value is rounded to the nearest unit, an error of at most 2⁻³³ ≈ 1.2·10⁻¹⁰.
/// A label with a class that the space does not know is not compared (<see cref="FeedbackLabel.IsIn"/>).
/// </remarks>
/// <param name="LossUnits">Cross-entropy of the label against the prediction.</param>
/// <param name="ExpectedUnits">Entropy of the prediction.</param>
/// <param name="KlUnits">KL(label‖prediction) of a soft label, else 0.</param>
/// <param name="BrierUnits">Brier score.</param>
/// <param name="ConfidenceUnits">The largest probability.</param>
/// <param name="Correct">Whether the class of the largest probability is the label's.</param>
/// <param name="Soft">Whether the label is a distribution.</param>
/// <param name="Capped">Whether the loss was capped.</param>
public readonly record struct FeedbackOutcome(
    long LossUnits, long ExpectedUnits, long KlUnits, long BrierUnits, long ConfidenceUnits, bool Correct, bool Soft, bool Capped)
{
    private const int OnStack = 256;

    /// <summary>What the loss of a single class can be at most: 64·ln 2.</summary>
    public const double MaxLossNats = 44.361419555836499;

    private const double LeastProbability = 1 / 18446744073709551616.0; // 2^-64

    /// <summary>Compares a prediction with its label.</summary>
    public static FeedbackOutcome Create(JoinedPrediction prediction, FeedbackLabel label)
    {
        var cells = prediction.Space.CellCount;
        var y = cells <= OnStack ? stackalloc double[cells] : new double[cells];
        y.Clear();
        if (label.IsSoft)
        {
            foreach (var (name, share) in label.Shares)
            {
                y[prediction.Space.CellOfLabel(name)] += share;
            }
        }
        else
        {
            y[CellOf(prediction.Space, label)] = 1;
        }

        return Create(prediction.Probabilities, y, label.IsSoft);
    }

    /// <summary>Compares probabilities with what was true, over the same cells.</summary>
    public static FeedbackOutcome Create(ReadOnlySpan<double> p, ReadOnlySpan<double> y, bool soft)
    {
        var (loss, expected, kl, brier, capped) = (0.0, 0.0, 0.0, 0.0, false);
        for (var k = 0; k < p.Length; k++)
        {
            if (p[k] > 0)
            {
                expected -= p[k] * Math.Log(p[k]);
            }

            if (y[k] > 0)
            {
                capped |= p[k] < LeastProbability;
                var cost = p[k] < LeastProbability ? MaxLossNats : -Math.Log(p[k]);
                loss += y[k] * cost;
                kl += y[k] * (Math.Log(y[k]) + cost);
            }

            brier += (p[k] - y[k]) * (p[k] - y[k]);
        }

        var top = TensorPrimitives.IndexOfMax(p);
        return new FeedbackOutcome(
            Units(loss), Units(expected), soft ? Units(kl) : 0, Units(brier), Units(p[top]), top == TensorPrimitives.IndexOfMax(y), soft,
            capped);
    }

    private static int CellOf(ClassSpace space, FeedbackLabel label) =>
        label.Class is { } name ? space.CellOfLabel(name)
        : label.Index is { } index && index >= 0 && index < space.ClassCount ? index
        : space.OtherIndex;

    private static long Units(double value) => (long)Math.Round(value * FixedPoint.One, MidpointRounding.ToEven);
}
