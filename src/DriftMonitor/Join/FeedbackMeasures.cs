namespace DriftMonitor.Join;

/// <summary>How costly the labelled predictions of a window were. Undefined values are null.</summary>
/// <remarks>The formulas are those of classes that exclude each other; for others see <see cref="FeedbackOutcome"/>.</remarks>
/// <param name="Events">Labelled predictions.</param>
/// <param name="CappedEvents">Those with loss capped at <see cref="FeedbackOutcome.MaxLossNats"/>: the label's probability was 0.</param>
/// <param name="CrossEntropyNats">Mean loss −Σ y ln p.</param>
/// <param name="ExpectedCrossEntropyNats">Mean entropy −Σ p ln p of the same predictions: the loss that the model itself expected.</param>
/// <param name="KlLabelVsPredictionNats">Mean KL(y‖p) over the soft labels.</param>
/// <param name="AccuracyRatio">Share whose most probable class was the label's.</param>
/// <param name="BrierScore">Mean Σ (p − y)², in [0, 2].</param>
/// <param name="CalibrationErrorRatio">Expected calibration error Σ n_b/n |acc_b − conf_b| in confidence bins (Naeini et al. 2015).</param>
/// <param name="CoverageRatio">Labelled predictions by all predictions; only by <see cref="Attribution.PredictionTime"/>.</param>
/// <param name="Reliability">The bins that hold events.</param>
public sealed record FeedbackMeasures(
    long Events,
    long CappedEvents,
    double? CrossEntropyNats,
    double? ExpectedCrossEntropyNats,
    double? KlLabelVsPredictionNats,
    double? AccuracyRatio,
    double? BrierScore,
    double? CalibrationErrorRatio,
    double? CoverageRatio,
    ImmutableArray<ReliabilityBin> Reliability)
{
    /// <summary>Share whose most probable class was not the label's.</summary>
    public double? ErrorRatio => 1 - AccuracyRatio;

    /// <summary>The measures of sums.</summary>
    public static FeedbackMeasures FromSums(FeedbackSums sums)
    {
        var n = sums.Events;
        double? coverage = sums.Predictions > 0 ? (double)n / sums.Predictions : null;
        if (n == 0)
        {
            return new FeedbackMeasures(0, 0, null, null, null, null, null, null, coverage, []);
        }

        var bins = ImmutableArray.CreateBuilder<ReliabilityBin>(FeedbackSums.Bins - sums.BinEvents.Count(0));
        var error = 0.0;
        for (var bin = 0; bin < FeedbackSums.Bins; bin++)
        {
            if (sums.BinEvents[bin] is > 0 and var events)
            {
                var (confidence, accuracy) = (sums.BinConfidence[bin] / FixedPoint.One / events, (double)sums.BinCorrect[bin] / events);
                bins.Add(
                    new ReliabilityBin((double)bin / FeedbackSums.Bins, (bin + 1.0) / FeedbackSums.Bins, events, confidence, accuracy));
                error += events * Math.Abs(accuracy - confidence) / n;
            }
        }

        return new FeedbackMeasures(
            n,
            sums.CappedEvents,
            Mean(sums.Loss, n),
            Mean(sums.Expected, n),
            sums.SoftEvents == 0 ? null : Mean(sums.Kl, sums.SoftEvents),
            (double)sums.Correct / n,
            Mean(sums.Brier, n),
            error,
            coverage,
            bins.DrainToImmutable());
    }

    private static double Mean(Int128 units, long events) => (double)units / FixedPoint.One / events;
}
