namespace DriftMonitor.Model;

/// <summary>The class space of a model, and which of two wins when replicas know different ones.</summary>
/// <param name="Space">The classes.</param>
/// <param name="Generation">
/// The higher wins: 0 for a space inferred from the model's first prediction, 1 for a configured one, a reference's creation time in
/// epoch milliseconds for one that a reference fixed.
/// </param>
/// <param name="Bins">The bins of scores when the classes are such, else null.</param>
public sealed record ModelClasses(ClassSpace Space, long Generation, ScoreBins? Bins = null)
{
    /// <summary>The generation of a space inferred from a model's first prediction.</summary>
    public const long Inferred = 0;

    /// <summary>The generation of a configured space.</summary>
    public const long Configured = 1;

    /// <summary>What outputs that are no distributions count under while nothing has fixed the model's classes.</summary>
    public static ModelClasses Sampled { get; } = new(ClassSpace.Sampled, -1);
}
