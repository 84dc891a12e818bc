namespace DriftMonitor.Join;

/// <summary>How much a run of a lane of the join has read, all of which the registers that it has published by now cover.</summary>
/// <param name="SourcePartition">The partition whose labels and predictions are joined.</param>
/// <param name="RunId">The run: a random number.</param>
/// <param name="Records">How many records of both logs (<see cref="FeedbackPosition.Progress"/>).</param>
/// <param name="AsOfMs">When it said so, epoch milliseconds of its own clock.</param>
public sealed record FeedbackProgress(int SourcePartition, ulong RunId, long Records, long AsOfMs) : PaneMessage
{
    /// <summary>Why its panes are not those of this plan, for a person to read; null when they are.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Labels before this time, epoch milliseconds, may be missing; 0 when none are.</summary>
    public long LabelsLostBeforeMs { get; init; }

    /// <summary>Likewise predictions.</summary>
    public long PredictionsLostBeforeMs { get; init; }
}
