namespace DriftMonitor.Worker.State;

/// <summary>A version of a model's reference in the references topic.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Of two the higher one is used.</param>
/// <param name="Snapshot">What is used of it; null where nothing is.</param>
/// <param name="Pushed">Who pushed it, and when; null where that is not known.</param>
/// <param name="Undone">Who took it back, and when; null for one that may be used.</param>
/// <param name="Problem">Why it cannot be used; null where it can, or was not tried.</param>
internal sealed record PushedVersion(
    string Model, int Version, ReferenceSnapshot? Snapshot, DoneBy? Pushed, DoneBy? Undone, string? Problem)
{
    /// <summary>What was done to it last; null where that is not known.</summary>
    public ReferenceChange? Change =>
        Undone is { } undone ? new(ReferenceAct.Undone, Version, undone.By, undone.AtMs)
        : Pushed is { } pushed ? new(ReferenceAct.Pushed, Version, pushed.By, pushed.AtMs)
        : null;
}
