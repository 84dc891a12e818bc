using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Views;

/// <summary>A version of a model's reference.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Of two the higher one is used.</param>
/// <param name="Id">The hash of its content; null for one that has not been read, since another is in use.</param>
/// <param name="State">Whether it is in use, and if not, why.</param>
/// <param name="From">Where it is from: <c>directory</c> or <c>topic</c>.</param>
/// <param name="Problem">Why it is refused; null where it is not.</param>
/// <param name="CreatedMs">When it was made, epoch milliseconds.</param>
/// <param name="LoadedMs">Since when this replica uses it.</param>
/// <param name="Pushed">Who pushed it into the topic, and when; null where that is not known.</param>
/// <param name="Undone">Who took it back, and when; null where nobody did.</param>
/// <param name="Events">How many events it is of.</param>
/// <param name="FromMs">The time of its first block of events; null where that is not known.</param>
/// <param name="ToMs">The end of its last block.</param>
/// <param name="Classes">How many classes it has.</param>
/// <param name="Segments">How many segments.</param>
/// <param name="HasLabels">Whether it has a baseline of labels.</param>
/// <param name="Lacks">
/// What it has too little of, a sentence each; null where that is not known: only of the one in use, by the owner of its model, once its
/// thresholds have been worked out.
/// </param>
internal sealed record ReferenceItem(
    string Model, int Version, string? Id, ReferenceState State, string From, string? Problem, long? CreatedMs, long? LoadedMs,
    DoneBy? Pushed, DoneBy? Undone, long? Events, long? FromMs, long? ToMs, int? Classes, int? Segments, bool? HasLabels,
    ImmutableArray<string>? Lacks);
