namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Http</c>.</summary>
internal sealed class HttpOptions
{
    /// <summary>Where people reach the monitor, which the links of alerts lead to; empty for the address that Prometheus scrapes.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>
    /// Where other replicas and programs reach this replica, which is said in statuses; empty for its machine's name and port.
    /// </summary>
    public string AdvertisedUrl { get; set; } = "";
}
