namespace DriftMonitor.Worker.Views;

/// <summary>What a replica has read of a topic.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Accepted">Records that count.</param>
/// <param name="Ignored">Records that are not meant to be predictions or labels.</param>
/// <param name="Rejected">Records that no window counts.</param>
/// <param name="Duplicates">Predictions that came before.</param>
/// <param name="Latest">The latest few of each outcome, reason and model.</param>
internal sealed record TopicRejections(
    string Topic, long Accepted, long Ignored, long Rejected, long Duplicates, ImmutableArray<RejectionItem> Latest);
