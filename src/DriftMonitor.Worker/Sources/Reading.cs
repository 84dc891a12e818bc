namespace DriftMonitor.Worker.Sources;

/// <summary>What a record of a source is.</summary>
internal enum Reading
{
    /// <summary>It has rows, each of them an event.</summary>
    Rows,

    /// <summary>The source's filter excludes it, or it has no value: it is counted as ignored, never as rejected.</summary>
    Ignored,

    /// <summary>It should have rows and cannot be read.</summary>
    Rejected,
}
