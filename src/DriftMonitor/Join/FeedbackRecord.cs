namespace DriftMonitor.Join;

/// <summary>One record of a feedback topic, decoded: a label and what it is of, or why it is none.</summary>
/// <param name="Rejection">Why not, <see cref="RejectionReason.None"/> when it is one. Then only, the rest may be read.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Id">The prediction's id; null when the record carries its <paramref name="Prediction"/>.</param>
/// <param name="Label">What was true; its offset and time are the record's only when <see cref="At"/> has said so.</param>
/// <param name="PayloadTimeMs">When it became known by its payload, null when only the record's own timestamp tells.</param>
/// <param name="Prediction">The prediction that the record carries itself, null for none.</param>
public sealed record FeedbackRecord(
    RejectionReason Rejection, string Model, string? Id, FeedbackLabel Label, long? PayloadTimeMs, JoinedPrediction? Prediction)
{
    /// <summary>Which of its Kafka record's labels it is, 0 for the first or only one.</summary>
    public int Row { get; init; }

    /// <summary>Whether the record is not meant to be feedback: it moves the offset and counts nowhere.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>A record that is not meant to be feedback.</summary>
    public static FeedbackRecord Ignored { get; } = Rejected(RejectionReason.None) with { IsIgnored = true };

    /// <summary>A record that is no feedback.</summary>
    public static FeedbackRecord Rejected(RejectionReason reason) =>
        new(reason, "", null, new FeedbackLabel(0, 0, null, null), null, null);

    /// <summary>The record as it stands in its partition.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="recordTimeMs">Its own timestamp, which its payload's goes before.</param>
    public FeedbackRecord At(long offset, long recordTimeMs)
    {
        var time = PayloadTimeMs ?? recordTimeMs;
        return this with
        {
            Label = Label with { Offset = offset, TimeMs = time },
            Prediction = Prediction is null ? null : Prediction with { Offset = offset, TimeMs = time },
        };
    }
}
