namespace DriftMonitor.Calibration;

/// <summary>What a reference has too little of.</summary>
public enum ShortfallKind
{
    /// <summary>Time, milliseconds: it covers too few windows to know how they vary.</summary>
    Time,

    /// <summary>Events: too few for as many classes, or for a mean.</summary>
    Events,

    /// <summary>Time, milliseconds: its outputs fluctuate, and it has seen that too few times to know how far they go.</summary>
    Fluctuations,
}
