namespace DriftMonitor.Worker.Views;

/// <summary>Whether something can be shown, and if not, why.</summary>
internal enum AnswerOutcome
{
    /// <summary>It is there.</summary>
    Found,

    /// <summary>No replica knows of it.</summary>
    NotFound,

    /// <summary>The replica that owned it has not said anything for so long that it is gone, and no other has taken it over yet.</summary>
    OwnerGone,

    /// <summary>The replica that owns it was asked and did not answer.</summary>
    OwnerUnreachable,

    /// <summary>The replica that owns it has just started or taken it over, and does not have it yet.</summary>
    Restoring,

    /// <summary>It could not be done, for the reason that is said.</summary>
    Refused,

    /// <summary>Another replica owns it, and replicas do not ask each other without <c>Http:PeerSecret</c>.</summary>
    NotForwarded,
}
