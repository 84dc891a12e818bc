using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DriftMonitor.Worker.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>TLS by the web server's own settings, as the page about the API has them.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Token = "the token of who may read, and of nobody else";

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-tls-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();

    [Fact]
    public async Task The_service_listens_with_the_certificate_of_the_settings_and_with_nothing_else()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=monitor.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Array.ForEach(["predictions", "panes", "panes.rollups", "panes.status"], topic => _broker.CreateTopic(topic, 1));
        await using var monitor = await RunningMonitor.StartAsync(
            new FakeTimeProvider(DateTimeOffset.UtcNow),
            new Dictionary<string, string?>
            {
                ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
                ["Kafka:PredictionTopics"] = "predictions",
                ["Kafka:PanesTopic"] = "panes",
                ["Windows:Spans"] = "1m/5s",
                ["Kestrel:Endpoints:Https:Url"] = "https://127.0.0.1:0",
                ["Kestrel:Endpoints:Https:Certificate:Path"] = Written("tls.pem", certificate.ExportCertificatePem()),
                ["Kestrel:Endpoints:Https:Certificate:KeyPath"] = Written("tls.key", key.ExportPkcs8PrivateKeyPem()),
                ["Http:Tokens:0:Name"] = "dashboards",
                ["Http:Tokens:0:Role"] = "read",
                ["Http:Tokens:0:File"] = Written("token", Token),
            });

        Assert.Equal("https", monitor.Address.Scheme);
        var shown = new List<string>();
        using var handler = new HttpClientHandler();
        handler.ServerCertificateCustomValidationCallback = (_, presented, _, _) =>
        {
            shown.Add(presented!.Thumbprint);
            return true;
        };
        using var http = new HttpClient(handler) { BaseAddress = monitor.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("/api/v1/models"));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/v1/models"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/metrics"));
        Assert.Equal([certificate.Thumbprint], shown.Distinct());

        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(
            new UriBuilder(monitor.Address) { Scheme = "http" }.Uri, TestContext.Current.CancellationToken));

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    public void Dispose()
    {
        _broker.Dispose();
        _files.Delete(recursive: true);
    }

    private string Written(string name, string text)
    {
        var path = Path.Combine(_files.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
