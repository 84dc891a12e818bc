namespace DriftMonitor.Join;

/// <summary>Why a feedback record counts in no window, or no longer. Each value is a label of the counter, in snake case.</summary>
public enum UnmatchedReason
{
    /// <summary>The record is no feedback: malformed, no distribution, late, … (<c>records_rejected_total</c> says which).</summary>
    Invalid,

    /// <summary>Another label of the same prediction holds, and says the same.</summary>
    Duplicate,

    /// <summary>Another label of the same prediction holds, and says otherwise.</summary>
    Corrected,

    /// <summary>The prediction is known, but further away in time than the horizon.</summary>
    OutsideHorizon,

    /// <summary>No prediction of that id has come within the horizon.</summary>
    NeverMatched,

    /// <summary>
    /// The label names a class that its prediction's model has not, so nothing says what the prediction thought of it; or it is by
    /// position, and has another number of classes.
    /// </summary>
    UnknownClass,

    /// <summary>The prediction gives no class a probability: it is a score, or log-probabilities of what was sampled.</summary>
    NoProbabilities,

    /// <summary>The label says of each class by itself whether it holds, and its model's classes exclude each other.</summary>
    NotADistribution,
}
