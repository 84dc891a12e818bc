using DriftMonitor.References;

namespace DriftMonitor.Evaluation;

/// <summary>
/// How sure single outputs are: their mean entropy beside that of the reference. A model that becomes constant at its mean, or loses its
/// confidence, moves no mean, and so no divergence; it moves this.
/// </summary>
/// <param name="Events">How many outputs.</param>
/// <param name="LiveNats">The mean of H(p) over them, nats; null without any.</param>
/// <param name="ReferenceNats">The same of the reference; null where it has none.</param>
/// <param name="NoiseFloorNats">
/// What the two differ by, on average, with no change at all: σ √(2/π) √(1/n + 1/m), σ² the variance of a single output's entropy in the
/// reference, n and m the numbers of events. Null where the reference has none.
/// </param>
public readonly record struct Dispersion(long Events, double? LiveNats, double? ReferenceNats, double? NoiseFloorNats)
{
    private static readonly double MeanOfAbsolute = Math.Sqrt(2 / Math.PI); // of a standard normal variable

    /// <summary>Live less reference, nats: above 0 where outputs are less sure than they were.</summary>
    public double? ShiftNats => LiveNats - ReferenceNats;

    /// <summary>That of a window's outputs.</summary>
    /// <param name="live">How sure they are.</param>
    /// <param name="reference">The entropies of single outputs in the reference; null for none.</param>
    /// <param name="choices">How many choices an output makes, over which its entropy is averaged.</param>
    internal static Dispersion Of(EntropySums live, ValueBaseline? reference, int choices) => new(
        live.Events, choices * live.MeanNats, reference?.Mean,
        reference is not null && live.Events > 0
            ? MeanOfAbsolute * Math.Sqrt(reference.Variance * ((1.0 / live.Events) + (1.0 / reference.Events)))
            : null);
}
