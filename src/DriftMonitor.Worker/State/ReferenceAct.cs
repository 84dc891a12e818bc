namespace DriftMonitor.Worker.State;

/// <summary>What can be done to a reference in the references topic.</summary>
internal enum ReferenceAct
{
    /// <summary>It was pushed or promoted.</summary>
    Pushed,

    /// <summary>It was taken back, so that the one before is in use again.</summary>
    Undone,
}
