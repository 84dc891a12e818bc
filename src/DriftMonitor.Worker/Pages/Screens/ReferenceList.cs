using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Screens;

/// <summary>What the page of references shows.</summary>
/// <param name="Model">The model that they are of; null for all.</param>
/// <param name="References">A page of them, each model's highest version first.</param>
/// <param name="Promotion">The last promotion of the model that was asked for here; null for none.</param>
/// <param name="Changes">Whether anybody may change them here.</param>
/// <param name="IsOwnerHeard">Whether the replica that watches the model has said what the one in use lacks.</param>
internal sealed record ReferenceList(string? Model, ListPage<ReferenceItem> References, PromotionView? Promotion, bool Changes,
    bool IsOwnerHeard = true);
