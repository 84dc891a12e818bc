namespace DriftMonitor.Worker.Configuration;

/// <summary>What the records of a source are.</summary>
internal enum SourceKind
{
    Predictions,
    Labels,
}
