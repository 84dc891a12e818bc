namespace DriftMonitor.Evaluation;

/// <summary>Whether a window may raise an alarm, and if not, why.</summary>
public enum Readiness
{
    /// <summary>Complete, with enough events.</summary>
    Ready,

    /// <summary>Part of the window lies before the first event that can have been seen.</summary>
    Incomplete,

    /// <summary>Fewer events than the configured minimum.</summary>
    TooFewEvents,

    /// <summary>The evaluation ended in an error: there are no numbers.</summary>
    Failed,
}
