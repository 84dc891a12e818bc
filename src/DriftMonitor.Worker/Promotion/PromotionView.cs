namespace DriftMonitor.Worker.Promotion;

/// <summary>A reference that is being built from live traffic, or was: the last one of its model that was asked for here.</summary>
/// <param name="Model">The model.</param>
/// <param name="State">How far it is.</param>
/// <param name="FromMs">The first record timestamp of the traffic, epoch milliseconds.</param>
/// <param name="ToMs">Where the traffic ends, exclusive.</param>
/// <param name="IsTrial">Whether it is only to be told of, and not to be used.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="StartedMs">When it was asked for, wall-clock time.</param>
/// <param name="EndedMs">When it was done; null while it is not.</param>
/// <param name="Version">The version that it got; null before it has one.</param>
/// <param name="Id">The hash of its content; likewise.</param>
/// <param name="Lines">What there is to say of it, a sentence each: what it is of, and what it lacks.</param>
/// <param name="Problem">Why it failed; null where it did not.</param>
internal sealed record PromotionView(
    string Model, PromotionState State, long FromMs, long ToMs, bool IsTrial, string By, long StartedMs, long? EndedMs, int? Version,
    string? Id, ImmutableArray<string> Lines, string? Problem);
