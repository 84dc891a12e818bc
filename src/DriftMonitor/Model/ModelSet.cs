namespace DriftMonitor.Model;

/// <summary>A set of models by their names. Immutable.</summary>
/// <param name="Named">Some models.</param>
/// <param name="Others">Whether the set is of all models but those, instead of those alone.</param>
public sealed record ModelSet(ImmutableHashSet<string> Named, bool Others = false)
{
    /// <summary>Whether a model is in the set.</summary>
    public bool Contains(string model) => Named.Contains(model) != Others;
}
