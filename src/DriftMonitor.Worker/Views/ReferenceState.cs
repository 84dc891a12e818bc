namespace DriftMonitor.Worker.Views;

/// <summary>Whether a reference is in use, and if not, why.</summary>
internal enum ReferenceState
{
    /// <summary>Windows are compared with it.</summary>
    InUse,

    /// <summary>A higher version is in use.</summary>
    Superseded,

    /// <summary>It was taken back.</summary>
    Undone,

    /// <summary>It cannot be used.</summary>
    Refused,
}
