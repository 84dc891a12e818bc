namespace DriftMonitor.Alarms;

/// <summary>What the labels say to an alarm. Each value is written in snake case.</summary>
public enum LabelVerdict
{
    /// <summary>There are none.</summary>
    NoLabels,

    /// <summary>There are, and fewer than a window needs.</summary>
    TooFewLabels,

    /// <summary>There is no threshold that what they cost could be compared with.</summary>
    NoThreshold,

    /// <summary>They cost no more than they may.</summary>
    NotConfirmed,

    /// <summary>They cost more than they may: it hurts.</summary>
    Confirmed,
}
