namespace DriftMonitor.Join;

/// <summary>What is kept of a prediction until its label comes. Immutable.</summary>
/// <param name="Offset">Its offset in the predictions partition: of several predictions of one id the smallest holds.</param>
/// <param name="TimeMs">When it was made, epoch milliseconds.</param>
/// <param name="Segment">The segment that it also counts in, null for none.</param>
/// <param name="Space">The classes.</param>
/// <param name="Probabilities">One a cell of the space, <c>__other__</c> last, as exact as the store keeps them; all 0 for none.</param>
public sealed record JoinedPrediction(long Offset, long TimeMs, string? Segment, ClassSpace Space, double[] Probabilities)
{
    /// <summary>Whether it gives classes probabilities, which a score and sampled log-probabilities do not.</summary>
    public bool HasProbabilities { get; } = Probabilities.AsSpan().ContainsAnyExcept(0.0);
}
