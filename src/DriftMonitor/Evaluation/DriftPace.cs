namespace DriftMonitor.Evaluation;

/// <summary>How a live window came to be where it is, as <see cref="PaceRule"/> tells it.</summary>
public enum DriftPace
{
    /// <summary>Unknown: a window is not ready, too few events for its classes, or a drift too small against the window before.</summary>
    Unknown,

    /// <summary>The window is not far from its reference.</summary>
    None,

    /// <summary>At least half the way from the reference was made from the window before to this: within the last 1.5 windows.</summary>
    Sudden,

    /// <summary>Most of the way had been made before: it has been creeping, or moved earlier than that.</summary>
    Gradual,
}
