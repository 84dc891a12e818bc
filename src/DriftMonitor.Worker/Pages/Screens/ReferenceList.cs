using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Screens;

/// <summary>What the page of references shows.</summary>
/// <param name="Model">The model that they are of; null for all.</param>
/// <param name="References">A page of them, each model's highest version first.</param>
/// <param name="Promotion">The last promotion of the model that was asked for here; null for none.</param>
/// <param name="Changes">Whether anybody may change them here.</param>
/// <param name="Owner">What came of asking the replica that watches the model.</param>
/// <param name="OwnerUrl">Where that one is; null where it does not say.</param>
internal sealed record ReferenceList(
    string? Model, ListPage<ReferenceItem> References, PromotionView? Promotion, bool Changes,
    AnswerOutcome Owner = AnswerOutcome.Found, string? OwnerUrl = null)
{
    /// <summary>Whether that replica has answered: it knows what the reference in use lacks, and builds new ones.</summary>
    public bool IsOwnerHeard => Owner is AnswerOutcome.Found or AnswerOutcome.NotFound;

    /// <summary>The version that can be taken back: the highest of the topic that has not been; null for none.</summary>
    public int? Undoable =>
        References.Items.FirstOrDefault(reference => reference is { From: "topic", State: not ReferenceState.Undone })?.Version;
}
