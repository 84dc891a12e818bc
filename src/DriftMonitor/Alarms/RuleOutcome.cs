namespace DriftMonitor.Alarms;

/// <summary>What <see cref="AlarmRule"/> decided of a window at a look.</summary>
internal enum RuleOutcome
{
    /// <summary>Nothing has changed.</summary>
    None,

    /// <summary>An alarm has begun that somebody has to hear of.</summary>
    Paged,

    /// <summary>An alarm has begun beside one of a shorter window that is on: it is part of that.</summary>
    Joined,

    /// <summary>An alarm has begun that one which has just ended explains: nobody has to hear of it again.</summary>
    Explained,

    /// <summary>An alarm that had been explained is so no longer: it has grown or turned, and somebody has to hear of it.</summary>
    Grown,

    /// <summary>An alarm has ended.</summary>
    Ended,
}
