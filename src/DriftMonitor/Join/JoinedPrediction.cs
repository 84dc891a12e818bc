namespace DriftMonitor.Join;

/// <summary>What is kept of a prediction until its label comes. Immutable.</summary>
/// <param name="Offset">Its offset in the predictions partition: of several predictions of one id the smallest holds.</param>
/// <param name="TimeMs">When it was made, epoch milliseconds.</param>
/// <param name="Segment">The segment that it also counts in, null for none.</param>
/// <param name="Space">The classes.</param>
/// <param name="Probabilities">One a cell of the space, <c>__other__</c> last, as exact as the store keeps them.</param>
public sealed record JoinedPrediction(long Offset, long TimeMs, string? Segment, ClassSpace Space, double[] Probabilities);
