using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DriftMonitor.Worker.Status;

/// <summary>Who this replica is, and where the others reach it.</summary>
/// <param name="advertisedUrl"><c>Http:AdvertisedUrl</c>; null for the machine's name and the port that is listened on.</param>
/// <param name="name">The replica's name.</param>
/// <param name="server">Knows the port once it has started.</param>
/// <param name="metricsUrl"><c>Http:MetricsUrl</c>, where nothing but metrics and health is served; null for none.</param>
internal sealed class ReplicaAddress(string? advertisedUrl, string name, IServer server, string? metricsUrl = null)
{
    private static readonly string[] AnyHost = ["0.0.0.0", "[::]", "+", "*"];

    /// <summary>As it is said in statuses.</summary>
    public StatusOwner Owner => new(name, advertisedUrl ?? Listening);

    private string? Listening
    {
        get
        {
            var metricsPort = metricsUrl is null ? 0 : new Uri(metricsUrl).Port;
            var address = server.Features.Get<IServerAddressesFeature>()?.Addresses
                .FirstOrDefault(each => BindingAddress.Parse(each).Port != metricsPort || metricsPort == 0);
            return address is null ? null : BindingAddress.Parse(address) is { } bound && Array.IndexOf(AnyHost, bound.Host) >= 0
                ? string.Create(CultureInfo.InvariantCulture, $"{bound.Scheme}://{Environment.MachineName}:{bound.Port}")
                : address;
        }
    }
}
