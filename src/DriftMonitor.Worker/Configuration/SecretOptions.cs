namespace DriftMonitor.Worker.Configuration;

/// <summary>A secret, which is in a file and never in the configuration.</summary>
internal sealed class SecretOptions
{
    /// <summary>The file; empty for none.</summary>
    public string File { get; set; } = "";
}
