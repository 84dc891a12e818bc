namespace DriftMonitor.Alarms;

/// <summary>What the labels say to an alarm. Each value is written in snake case.</summary>
public enum LabelVerdict
{
    /// <summary>There are none.</summary>
    NoLabels,

    /// <summary>There are, and fewer than a window needs.</summary>
    TooFewLabels,

    /// <summary>There is no threshold that what they cost, or how often they are wrong, could be compared with.</summary>
    NoThreshold,

    /// <summary>They cost no more than they may, and are as often right as they must be.</summary>
    NotConfirmed,

    /// <summary>They cost more than they may, or are wrong more often: it hurts.</summary>
    Confirmed,
}
