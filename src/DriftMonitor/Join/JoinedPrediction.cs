namespace DriftMonitor.Join;

/// <summary>What is kept of a prediction until its label comes. Immutable.</summary>
/// <param name="Offset">Its offset in the predictions partition: of several predictions of one id the smallest holds.</param>
/// <param name="TimeMs">When it was made, epoch milliseconds.</param>
/// <param name="Segments">The segments that it also counts in, its version's among them; each once.</param>
/// <param name="Space">The classes.</param>
/// <param name="Probabilities">One a cell of the space, <c>__other__</c> last, as exact as the store keeps them; all 0 for none.</param>
public sealed record JoinedPrediction(long Offset, long TimeMs, ImmutableArray<string> Segments, ClassSpace Space, double[] Probabilities)
{
    /// <summary>What is kept of a prediction, with the offset and the time of its record.</summary>
    public static JoinedPrediction Create(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var segments = record.Series[1..];
        var names = ImmutableArray.CreateBuilder<string>(segments.Length);
        foreach (var series in segments)
        {
            names.Add(series.Segment);
        }

        return new JoinedPrediction(
            record.Offset, record.EventTimeMs, names.MoveToImmutable(), record.Classes.Space,
            record.TakesLabels ? record.Probabilities.ToArray() : []);
    }

    /// <summary>Whether it gives classes probabilities, which a score and sampled log-probabilities do not.</summary>
    public bool HasProbabilities { get; } = Probabilities.AsSpan().ContainsAnyExcept(0.0);
}
