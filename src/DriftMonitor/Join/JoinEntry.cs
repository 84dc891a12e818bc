namespace DriftMonitor.Join;

/// <summary>What is known of one (model, id): its prediction, if it has come, and its labels.</summary>
/// <remarks>
/// A set that only grows, and the match is a function of the set: so it does not matter which of the two logs is read first, how far, or
/// whether a record is read twice.
/// </remarks>
/// <param name="Prediction">The prediction with the smallest offset, null while none has come.</param>
/// <param name="Labels">The labels in the order of their offsets, at most <see cref="MaxLabels"/>, the latest.</param>
public sealed record JoinEntry(JoinedPrediction? Prediction, ImmutableArray<FeedbackLabel> Labels)
{
    /// <summary>The most labels that are kept of one prediction.</summary>
    public const int MaxLabels = 16;

    /// <summary>Nothing known yet.</summary>
    public static JoinEntry Empty { get; } = new(null, []);

    /// <summary>The time that the entry is kept by.</summary>
    public long TimeMs => Prediction?.TimeMs ?? Labels[^1].TimeMs;

    /// <summary>How many labels are counted as never matched when the entry is forgotten.</summary>
    public int Waiting => Prediction is null ? Labels.Count(label => !label.Rebuilt) : 0;

    /// <summary>The label that counts: the last one, by its offset, that nothing speaks against; null for none.</summary>
    public FeedbackLabel? EffectiveLabel(long horizonMs)
    {
        for (var i = Labels.Length - 1; Prediction is not null && i >= 0; i--)
        {
            if (Objection(Labels[i], horizonMs) is null)
            {
                return Labels[i];
            }
        }

        return null;
    }

    /// <summary>Why a label cannot count for the prediction, null if it can.</summary>
    internal UnmatchedReason? Objection(FeedbackLabel label, long horizonMs) =>
        Prediction is not { } prediction ? null
        : Math.Abs(label.TimeMs - prediction.TimeMs) > horizonMs ? UnmatchedReason.OutsideHorizon
        : !prediction.HasProbabilities ? UnmatchedReason.NoProbabilities
        : label.ObjectionTo(prediction.Space);

    /// <summary>The entry with one label more; the same entry when it has it already.</summary>
    public JoinEntry With(FeedbackLabel label)
    {
        ArgumentNullException.ThrowIfNull(label);
        var place = Labels.Length;
        while (place > 0 && Labels[place - 1].Offset >= label.Offset)
        {
            place--;
        }

        if (place < Labels.Length && Labels[place].Offset == label.Offset)
        {
            return this;
        }

        var labels = Labels.Insert(place, label);
        return this with { Labels = labels.Length > MaxLabels ? labels.RemoveAt(0) : labels };
    }
}
