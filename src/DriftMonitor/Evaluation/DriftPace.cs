namespace DriftMonitor.Evaluation;

/// <summary>How a live window came to be where it is, as <see cref="PaceRule"/> tells it.</summary>
public enum DriftPace
{
    /// <summary>It cannot be told: a window is not ready, too few events for as many classes, or a drift too small to show against the window before.</summary>
    Unknown,

    /// <summary>The window is not far from its reference.</summary>
    None,

    /// <summary>At least half of the way from the reference was made from the window before to this one: it moved within the last one and a half window lengths.</summary>
    Sudden,

    /// <summary>Most of the way had been made before: it has been creeping, or moved earlier than that.</summary>
    Gradual,
}
