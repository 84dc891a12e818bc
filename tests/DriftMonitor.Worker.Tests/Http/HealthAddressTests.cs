using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Http;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>Health is asked for where the settings have it served.</summary>
public sealed class HealthAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9464", "Urls=http://0.0.0.0:9464")]
    [InlineData("http://127.0.0.1:81", "Urls=https://*:82;http://+:81")]
    [InlineData("https://[::1]:82", "Urls=https://[::]:82")]
    [InlineData("http://10.1.2.3:80", "Urls=http://10.1.2.3")]
    [InlineData("http://127.0.0.1:83/base", "Urls=http://localhost:82", "Kestrel:Endpoints:Web:Url=http://*:83/base")]
    [InlineData("http://127.0.0.1:83", "Kestrel:Endpoints:A:Url=https://*:84", "Kestrel:Endpoints:B:Url=http://*:83")]
    [InlineData("http://127.0.0.1:85", "Urls=http://*:82", "Http:MetricsUrl=http://0.0.0.0:85")]
    [InlineData(
        "https://127.0.0.1:85", "Http:MetricsUrl=http://localhost:85", "Kestrel:Endpoints:A:Url=http://*:84",
        "Kestrel:Endpoints:B:Url=https://0.0.0.0:85")]
    public void Health_is_where_the_settings_have_it(string expected, params string[] settings) =>
        Assert.Equal(new Uri($"{expected}/health/live"), HealthAddress.Live(Configuration(settings)));

    [Theory]
    [InlineData("Urls = 'http://127.0.0.1:0': health can be asked for at a port above 0 only", "Urls=http://127.0.0.1:0")]
    [InlineData("Urls = 'http://unix:/run/it': health can be asked for at a port above 0 only", "Urls=http://unix:/run/it")]
    [InlineData("Urls = 'here': must be http://host:port", "Urls=here")]
    [InlineData("Kestrel:Endpoints:A:Url = '': must be http://host:port", "Kestrel:Endpoints:A:Protocols=Http1")]
    public void An_address_that_cannot_be_told_is_reported(string problem, string setting) => Assert.Equal(
        [problem], Assert.Throws<InvalidConfigurationException>(() => HealthAddress.Live(Configuration(setting))).Problems);

    private static IConfiguration Configuration(params string[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1]))
        .Build();
}
