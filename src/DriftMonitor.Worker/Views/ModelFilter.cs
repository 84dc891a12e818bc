namespace DriftMonitor.Worker.Views;

/// <summary>Which models are asked for; null for any.</summary>
/// <param name="Search">Those whose name, owner or team holds this text.</param>
/// <param name="State">Those in this state.</param>
/// <param name="Replica">Those that this replica owns.</param>
internal sealed record ModelFilter(string? Search = null, ModelState? State = null, string? Replica = null)
{
    public bool Matches(ModelItem model) =>
        (State ?? model.State) == model.State
        && (Replica ?? model.Replica) == model.Replica
        && (string.IsNullOrEmpty(Search)
            || new[] { model.Model, model.Owner, model.Team }.Any(
                text => text?.Contains(Search, StringComparison.OrdinalIgnoreCase) == true));
}
