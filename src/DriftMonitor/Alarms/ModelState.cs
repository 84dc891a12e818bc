namespace DriftMonitor.Alarms;

/// <summary>Whether a model is guarded, and if not, why: of those that hold, the first. Each value is a label of the metrics.</summary>
public enum ModelState
{
    /// <summary>More than half of its records of late were rejected.</summary>
    Rejected,

    /// <summary>It has had no event for longer than it may.</summary>
    Silent,

    /// <summary>No reference is in use for it, or one of other classes than it has now.</summary>
    NoReference,

    /// <summary>Neither a budget nor a fixed threshold watches what it puts out.</summary>
    NoThreshold,

    /// <summary>No window is complete yet, or one that is not has the events that it needs: it will be ready by itself.</summary>
    Filling,

    /// <summary>Windows are complete, and none has the events that it needs.</summary>
    TooFewEvents,

    /// <summary>
    /// A window is ready, and the thresholds of its budget have not been worked out yet, or the reference has too little for them: fixed
    /// ones watch it, where there are any.
    /// </summary>
    Uncalibrated,

    /// <summary>A ready window has a value beside a threshold.</summary>
    Guarded,

    /// <summary>It has left: its longest window is empty.</summary>
    Retired,
}
