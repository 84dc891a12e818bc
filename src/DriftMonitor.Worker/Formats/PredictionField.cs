namespace DriftMonitor.Worker.Formats;

/// <summary>The fields of a prediction's JSON object that mean something; all others are skipped.</summary>
[Flags]
internal enum PredictionField
{
    Unknown = 0,
    Model = 1 << 0,
    Id = 1 << 1,
    Timestamp = 1 << 2,
    Segment = 1 << 3,
    Probs = 1 << 4,
    Logits = 1 << 5,
    Logprobs = 1 << 6,
    Label = 1 << 7,
    TopLogprobs = 1 << 8,
    Score = 1 << 9,
    Rewards = 1 << 10,
    Policy = 1 << 11,
    PolicyLogprobs = 1 << 12,
    TopProbs = 1 << 13,
    Probability = 1 << 14,
    Version = 1 << 15,
    Multilabel = 1 << 16,

    /// <summary>The output forms, of which a prediction has exactly one.</summary>
    Outputs = Probs | Logits | Logprobs | Label | TopLogprobs | TopProbs | Probability | Multilabel | Score | Rewards | Policy
        | PolicyLogprobs,
}
