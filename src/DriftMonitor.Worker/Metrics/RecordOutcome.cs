namespace DriftMonitor.Worker.Metrics;

/// <summary>What became of a record that does not simply count.</summary>
internal enum RecordOutcome
{
    /// <summary>It counts in no window.</summary>
    Rejected,

    /// <summary>It counts without a field that could not be read.</summary>
    FallenBack,

    /// <summary>It is not meant to be read.</summary>
    Ignored,

    /// <summary>It counts in no window, since one with its id came before it.</summary>
    Duplicate,
}
