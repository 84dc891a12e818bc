namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>References</c>.</summary>
internal sealed class ReferenceOptions
{
    /// <summary>The directory of snapshots that is followed while running; empty for none.</summary>
    public string Directory { get; set; } = "";

    /// <summary>How often the directory is looked at.</summary>
    public string PollInterval { get; set; } = "5s";
}
