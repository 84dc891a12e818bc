using System.Collections.Frozen;

namespace DriftMonitor.References;

/// <summary>The references in use, one a model: swapped as a whole, so that nobody ever sees half of a change.</summary>
/// <param name="ByModel">The reference of each model.</param>
public sealed record ReferenceSet(FrozenDictionary<string, ReferenceSnapshot> ByModel)
{
    /// <summary>Whether there are no others: else nobody knows yet that a model that is not among them has none.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>No references.</summary>
    public static ReferenceSet Empty { get; } = new(FrozenDictionary<string, ReferenceSnapshot>.Empty);

    /// <summary>The reference of a model, null for none.</summary>
    public ReferenceSnapshot? Of(string model) => ByModel.GetValueOrDefault(model);

    /// <summary>Of several snapshots, each model's of the highest version, then the newest.</summary>
    public static ReferenceSet Latest(IEnumerable<ReferenceSnapshot> snapshots) => new(
        snapshots
            .GroupBy(snapshot => snapshot.Model, StringComparer.Ordinal)
            .Select(model => model.OrderBy(s => s.Version).ThenBy(s => s.CreatedAt).ThenBy(s => s.Id, StringComparer.Ordinal).Last())
            .ToFrozenDictionary(snapshot => snapshot.Model, StringComparer.Ordinal));
}
