namespace DriftMonitor.Join;

/// <summary>How one labelled prediction came out, in units of 2⁻³² (<see cref="FixedPoint"/>): sums add and take it back exactly.</summary>
/// <remarks>
/// For a label y and a prediction p over the same cells, natural logarithm:
/// loss −Σ y ln p, for a hard label −ln p of the class; expected −Σ p ln p, what the model itself expected to pay;
/// KL(y‖p) = Σ y ln(y/p), of soft labels only (for a hard one it is the loss); Brier score Σ (p − y)², in [0, 2] (Brier 1950);
/// correct when the largest p is where the largest y is, of equal ones the first.
/// Of classes that hold or not, each by itself, p and y are distributions over "not x" and "x" for each class x, and loss (binary
/// cross-entropy), expected and KL are the sums over the classes; the Brier score is their mean, again in [0, 2]; a prediction is correct
/// when it is so for every class (subset accuracy), where x holds above ½; its confidence is the probability of that, if classes hold
/// independently of each other.
/// A probability below 2⁻⁶⁴ for what happened counts as 2⁻⁶⁴, so that it costs 64·ln 2 ≈ 44.4 nats and not infinity; the 100,000 classes
/// by themselves that a space may have, all of them, cost 1.9·10¹⁶ units, of 9.2·10¹⁸ that 64 bits hold.
/// Each value is rounded to the nearest unit, an error of at most 2⁻³³ ≈ 1.2·10⁻¹⁰.
/// A label that says nothing of the prediction's classes is not compared (<see cref="FeedbackLabel.ObjectionTo"/>).
/// </remarks>
/// <param name="LossUnits">Cross-entropy of the label against the prediction.</param>
/// <param name="ExpectedUnits">Entropy of the prediction.</param>
/// <param name="KlUnits">KL(label‖prediction) of a soft label, else 0.</param>
/// <param name="BrierUnits">Brier score.</param>
/// <param name="ConfidenceUnits">The largest probability; of independent classes the product over the classes.</param>
/// <param name="Correct">Whether the class of the largest probability is the label's; of independent classes in all of them.</param>
/// <param name="Soft">Whether the label is a distribution, or says that a class holds in part.</param>
/// <param name="Capped">Whether the loss was capped.</param>
public readonly record struct FeedbackOutcome(
    long LossUnits, long ExpectedUnits, long KlUnits, long BrierUnits, long ConfidenceUnits, bool Correct, bool Soft, bool Capped)
{
    private const int OnStack = 256;

    /// <summary>What the loss of a single class can be at most: 64·ln 2.</summary>
    public const double MaxLossNats = 44.361419555836499;

    private const double LeastProbability = 1 / 18446744073709551616.0; // 2^-64

    /// <summary>Compares a prediction with a label that says something of its classes (<see cref="FeedbackLabel.ObjectionTo"/>).</summary>
    public static FeedbackOutcome Create(JoinedPrediction prediction, FeedbackLabel label)
    {
        var cells = prediction.Space.CellCount;
        var y = cells <= OnStack ? stackalloc double[cells] : new double[cells];
        label.CopyTo(y, prediction.Space);
        return prediction.Space.Choices > 1
            ? CreateIndependent(prediction.Probabilities, y)
            : Create(prediction.Probabilities, y, label.IsSoft);
    }

    /// <summary>Compares probabilities with what was true, over the same cells.</summary>
    public static FeedbackOutcome Create(ReadOnlySpan<double> p, ReadOnlySpan<double> y, bool soft)
    {
        var (loss, expected, kl, brier, capped) = Compare(p, y);
        var top = TensorPrimitives.IndexOfMax(p);
        return new FeedbackOutcome(
            Units(loss), Units(expected), soft ? Units(kl) : 0, Units(brier), Units(p[top]), top == TensorPrimitives.IndexOfMax(y), soft,
            capped);
    }

    /// <summary>The same of classes that hold or not, each by itself.</summary>
    /// <param name="p">The probabilities of "not x" and "x" for each class x, pairs of any sum; the cell after them does not count.</param>
    /// <param name="y">What was true, over the same cells; each pair adds up to 1.</param>
    public static FeedbackOutcome CreateIndependent(ReadOnlySpan<double> p, ReadOnlySpan<double> y)
    {
        var shares = p.Length <= OnStack ? stackalloc double[p.Length] : new double[p.Length];
        shares.Clear();
        var (confidence, correct) = (1.0, true);
        for (var x = 1; x < p.Length; x += 2)
        {
            var both = Math.Max(p[x - 1] + p[x], double.Epsilon);
            (shares[x - 1], shares[x]) = (p[x - 1] / both, p[x] / both);
            confidence *= Math.Max(shares[x - 1], shares[x]);
            correct &= p[x] > p[x - 1] == y[x] > y[x - 1];
        }

        var soft = y.ContainsAnyExcept(0.0, 1.0);
        var (loss, expected, kl, brier, capped) = Compare(shares, y);
        return new FeedbackOutcome(
            Units(loss), Units(expected), soft ? Units(kl) : 0, Units(brier / (p.Length / 2)), Units(confidence), correct, soft, capped);
    }

    private static (double Loss, double Expected, double Kl, double Brier, bool Capped) Compare(
        ReadOnlySpan<double> p, ReadOnlySpan<double> y)
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

        return (loss, expected, kl, brier, capped);
    }

    private static long Units(double value) => (long)Math.Round(value * FixedPoint.One, MidpointRounding.ToEven);
}
