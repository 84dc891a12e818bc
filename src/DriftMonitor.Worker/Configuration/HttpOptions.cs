namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Http</c>.</summary>
internal sealed class HttpOptions
{
    /// <summary>Where people reach the monitor, which the links of alerts lead to; empty for the address that Prometheus scrapes.</summary>
    public string PublicUrl { get; set; } = "";
}
