namespace DriftMonitor.Worker.Configuration;

/// <summary>The owners of models, as configured. Immutable.</summary>
/// <param name="ByModel">Those of the models of which anything is said.</param>
internal sealed record ModelOwners(ImmutableSortedDictionary<string, ModelOwner> ByModel)
{
    /// <summary>Of no model is anything said.</summary>
    public static ModelOwners None { get; } =
        new(ImmutableSortedDictionary<string, ModelOwner>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>The owner of a model.</summary>
    public ModelOwner Of(string model) => ByModel.GetValueOrDefault(model, ModelOwner.Nobody);

    /// <summary>
    /// The severity by which people hear of an alarm of a model: its own, and no higher than <see cref="ModelOwner.MaxSeverity"/>. The one
    /// place where that is decided; what is exported, logged and told has it from here.
    /// </summary>
    public AlarmSeverity PagedAs(string model, AlarmSeverity severity) =>
        severity < Of(model).MaxSeverity ? severity : Of(model).MaxSeverity;
}
