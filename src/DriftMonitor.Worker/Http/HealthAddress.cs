using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Http;

/// <summary>Where a service with these settings serves its health, as its own machine reaches it.</summary>
internal static class HealthAddress
{
    /// <summary>The address of <c>/health/live</c>.</summary>
    /// <remarks>
    /// <c>Http:MetricsUrl</c> comes first. Endpoints of the web server's own (<c>Kestrel:Endpoints</c>) replace <c>Urls</c>. Of several
    /// addresses the first one without TLS is taken.
    /// </remarks>
    /// <exception cref="InvalidConfigurationException">The address cannot be told from the settings.</exception>
    public static Uri Live(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Select(endpoint => (endpoint.Path + ":Url", endpoint["Url"] ?? "")).ToArray();
        var metrics = configuration["Http:MetricsUrl"] ?? "";
        var urls = metrics.Length > 0 ? [("Http:MetricsUrl", metrics)]
            : endpoints.Length > 0 ? endpoints
            : (configuration["Urls"] ?? "").Split(';', StringSplitOptions.TrimEntries).Select(url => ("Urls", url));
        var addresses = urls.Select(url => Parse(url.Item1, url.Item2)).ToArray();
        var chosen = Array.Find(addresses, address => address.Scheme == Uri.UriSchemeHttp) ?? addresses[0];
        if (metrics.Length > 0 && endpoints.Length > 0)
        {
            chosen = endpoints.Select(url => Parse(url.Item1, url.Item2)).FirstOrDefault(address => address.Port == chosen.Port) ?? chosen;
        }

        var host = chosen.Host is "0.0.0.0" or "+" or "*" ? "127.0.0.1" : chosen.Host is "[::]" ? "[::1]" : chosen.Host;
        return new Uri(string.Create(
            CultureInfo.InvariantCulture, $"{chosen.Scheme}://{host}:{chosen.Port}{chosen.PathBase}{HealthEndpoints.LivePath}"));
    }

    private static BindingAddress Parse(string setting, string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address is { IsUnixPipe: false, IsNamedPipe: false, Port: > 0 }
                ? address
                : throw new InvalidConfigurationException([$"{setting} = '{url}': health can be asked for at a port above 0 only"]);
        }
        catch (FormatException)
        {
            throw new InvalidConfigurationException([$"{setting} = '{url}': must be http://host:port"]);
        }
    }
}
