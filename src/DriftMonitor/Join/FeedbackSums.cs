namespace DriftMonitor.Join;

/// <summary>Sums over labelled predictions, in integers: any order, merge and correction gives the same bits.</summary>
/// <remarks>
/// Adding commutes and subtracting takes back exactly. Losses are 128 bits wide, so that no pane can overflow. Confidences are summed in
/// 64: 2³¹ events a bin and pane. Not safe for concurrent use.
/// </remarks>
public sealed class FeedbackSums
{
    /// <summary>Bins of equal width over the confidence, for the calibration error (15, as Guo et al. 2017).</summary>
    public const int Bins = 15;

    private readonly long[] _binEvents = new long[Bins];
    private readonly long[] _binConfidence = new long[Bins];
    private readonly long[] _binCorrect = new long[Bins];

    /// <summary>Predictions that a label could find, for the labelled share: only by <see cref="Attribution.PredictionTime"/>.</summary>
    public long Predictions { get; set; }

    /// <summary>Labelled predictions.</summary>
    public long Events { get; set; }

    /// <summary>Those whose label is a distribution.</summary>
    public long SoftEvents { get; set; }

    /// <summary>Those whose loss was capped.</summary>
    public long CappedEvents { get; set; }

    /// <summary>Those whose most probable class was the label's.</summary>
    public long Correct { get; set; }

    /// <summary>Σ cross-entropy, units of 2⁻³² nats.</summary>
    public Int128 Loss { get; set; }

    /// <summary>Σ entropy of the predictions, units of 2⁻³² nats.</summary>
    public Int128 Expected { get; set; }

    /// <summary>Σ KL(label‖prediction) of soft labels, units of 2⁻³² nats.</summary>
    public Int128 Kl { get; set; }

    /// <summary>Σ Brier score, units of 2⁻³².</summary>
    public Int128 Brier { get; set; }

    /// <summary>Events by bin of confidence.</summary>
    public Span<long> BinEvents => _binEvents;

    /// <summary>Σ confidence by bin, units of 2⁻³².</summary>
    public Span<long> BinConfidence => _binConfidence;

    /// <summary>Correct events by bin.</summary>
    public Span<long> BinCorrect => _binCorrect;

    /// <summary>Adds other sums.</summary>
    public void Add(FeedbackSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Predictions += other.Predictions;
        Events += other.Events;
        SoftEvents += other.SoftEvents;
        CappedEvents += other.CappedEvents;
        Correct += other.Correct;
        Loss += other.Loss;
        Expected += other.Expected;
        Kl += other.Kl;
        Brier += other.Brier;
        for (var bin = 0; bin < Bins; bin++)
        {
            _binEvents[bin] += other._binEvents[bin];
            _binConfidence[bin] += other._binConfidence[bin];
            _binCorrect[bin] += other._binCorrect[bin];
        }
    }

    /// <summary>Adds one labelled prediction, or takes it back.</summary>
    public void Change(in FeedbackOutcome outcome, bool subtract)
    {
        var sign = subtract ? -1 : 1;
        Events += sign;
        SoftEvents += outcome.Soft ? sign : 0;
        CappedEvents += outcome.Capped ? sign : 0;
        Correct += outcome.Correct ? sign : 0;
        Loss += sign * (Int128)outcome.LossUnits;
        Expected += sign * (Int128)outcome.ExpectedUnits;
        Kl += sign * (Int128)outcome.KlUnits;
        Brier += sign * (Int128)outcome.BrierUnits;
        var bin = (int)Math.Min(Bins - 1, (outcome.ConfidenceUnits * Bins) >> 32); // by the units, so that it is found again
        _binEvents[bin] += sign;
        _binConfidence[bin] += sign * outcome.ConfidenceUnits;
        _binCorrect[bin] += outcome.Correct ? sign : 0;
    }
}
