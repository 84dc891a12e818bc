namespace DriftMonitor.Worker.Configuration;

/// <summary>How labels are joined: checked, immutable.</summary>
/// <param name="Source">The topic of labels, and how it is read.</param>
/// <param name="Plan">The horizon and the panes.</param>
/// <param name="Join">Whether labels are joined by id.</param>
/// <param name="Directory">Where predictions wait; null for memory.</param>
/// <param name="BlockCacheBytes">Memory for reading the directory, all partitions together.</param>
/// <param name="WriteBufferBytes">Memory for writing it, each partition.</param>
internal sealed record FeedbackSettings(
    SourceSettings Source, FeedbackPlan Plan, bool Join, string? Directory, ulong BlockCacheBytes, ulong WriteBufferBytes)
{
    /// <summary>The topic whose labels are joined.</summary>
    public string Topic => Routing?.LabelsTopic ?? Source.Topic;

    /// <summary>The topics of ours that predictions and labels are routed into; null when they are joined where they are.</summary>
    public LabelRouting? Routing { get; init; }

    /// <summary>Whether anything is read out of the headers of labels.</summary>
    public bool ReadsHeaders => Routing is not null || Source.ReadsHeaders;

    /// <summary>The topic whose predictions are joined; null when labels bring their own.</summary>
    public string? PredictionsTopic { get; init; }

    /// <summary>Which topics the store is made from, by name: made from others it holds something else.</summary>
    public string MadeFrom => $"{PredictionsTopic} {Topic}";

    private const long Buckets = 4;

    /// <summary>How much event time is dropped at once: each look-up looks into every bucket there is.</summary>
    public long BucketMs => Math.Max(1_000, Plan.HorizonMs / Buckets);
}
