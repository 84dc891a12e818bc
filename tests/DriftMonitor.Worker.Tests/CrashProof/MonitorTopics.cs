namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>The topics of one group. The predictions topic is every group's, the others are its own.</summary>
internal sealed record MonitorTopics(string Group, string Predictions, string Panes)
{
    public const int PanesPartitions = 4;

    public string DeadLetters => $"{Panes}.dead";

    /// <summary>Where the group writes down what has settled; it has as many partitions as the panes topic.</summary>
    public string Rollups => $"{Panes}.rollups";

    public string Status => $"{Panes}.status";

    public string Calibrations => $"{Panes}.calibrations";
}
