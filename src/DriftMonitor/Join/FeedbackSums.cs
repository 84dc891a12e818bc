using System.Runtime.CompilerServices;

namespace DriftMonitor.Join;

/// <summary>Sums over labelled predictions, in integers: any order, merge and correction gives the same bits.</summary>
/// <remarks>
/// A commutative group, as all sums of panes are. Losses are 128 bits wide, so that no pane can overflow. Confidences are summed in
/// 64: 2³¹ events a bin and pane. Not safe for concurrent use.
/// </remarks>
public sealed class FeedbackSums : ISums<FeedbackSums>
{
    /// <summary>Bins of equal width over the confidence, for the calibration error (15, as Guo et al. 2017).</summary>
    public const int Bins = 15;

    private AllBins _bins; // within the object: there are hundreds of these a series, and collecting garbage looks at each

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
    public Span<long> BinEvents => Every[..Bins];

    /// <summary>Σ confidence by bin, units of 2⁻³².</summary>
    public Span<long> BinConfidence => Every.Slice(Bins, Bins);

    /// <summary>Correct events by bin.</summary>
    public Span<long> BinCorrect => Every[(2 * Bins)..];

    /// <summary>Whether these are the sums of no events.</summary>
    public bool IsEmpty => Predictions == 0 && Events == 0;

    private Span<long> Every => _bins;

    /// <summary>Adds the events that other sums hold.</summary>
    public void Add(FeedbackSums other) => Combine(other, subtract: false);

    /// <summary>Takes back events that were added before.</summary>
    public void Subtract(FeedbackSums other) => Combine(other, subtract: true);

    /// <summary>A copy that later changes to this one leave alone.</summary>
    public FeedbackSums Copy() => (FeedbackSums)MemberwiseClone();

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
        BinEvents[bin] += sign;
        BinConfidence[bin] += sign * outcome.ConfidenceUnits;
        BinCorrect[bin] += outcome.Correct ? sign : 0;
    }

    /// <summary>Adds other sums, or takes them back.</summary>
    internal void Combine(FeedbackSums other, bool subtract)
    {
        ArgumentNullException.ThrowIfNull(other);
        var sign = subtract ? -1 : 1;
        Predictions += sign * other.Predictions;
        Events += sign * other.Events;
        SoftEvents += sign * other.SoftEvents;
        CappedEvents += sign * other.CappedEvents;
        Correct += sign * other.Correct;
        Loss = subtract ? Loss - other.Loss : Loss + other.Loss;
        Expected = subtract ? Expected - other.Expected : Expected + other.Expected;
        Kl = subtract ? Kl - other.Kl : Kl + other.Kl;
        Brier = subtract ? Brier - other.Brier : Brier + other.Brier;
        if (subtract)
        {
            TensorPrimitives.Subtract(Every, other.Every, Every);
        }
        else
        {
            TensorPrimitives.Add(Every, other.Every, Every);
        }
    }

    /// <summary>Whether these are the same sums.</summary>
    internal bool IsSame(FeedbackSums other) =>
        (Predictions, Events, SoftEvents, CappedEvents, Correct)
            == (other.Predictions, other.Events, other.SoftEvents, other.CappedEvents, other.Correct)
        && (Loss, Expected, Kl, Brier) == (other.Loss, other.Expected, other.Kl, other.Brier)
        && Every.SequenceEqual(other.Every);

    /// <summary>Events by bin, then Σ confidence, then correct events.</summary>
    [InlineArray(3 * Bins)]
    private struct AllBins
    {
        private long _first;
    }
}
