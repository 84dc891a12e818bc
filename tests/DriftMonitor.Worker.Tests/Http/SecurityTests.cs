using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>What somebody may try who may not: at every address that changes anything, and with what a server may trip over.</summary>
public sealed class SecurityTests
{
    private const string Reader = "a token that may only read";
    private const string Changer = "a token that may change things";
    private const string Key = "model=m&segment=_all&kind=output_drift&severity=critical&window=5m&began_ms=1767225600000";
    private const string Acknowledgement = """{"why":"x","until_ms":1767226800000}""";

    private static readonly PeerSecret Secret = new("what only the replicas know"u8.ToArray());

    private static readonly (string Method, string Path, string? Body)[] Changes =
    [
        ("PUT", $"/api/v1/alarm/acknowledgement?{Key}", Acknowledgement),
        ("DELETE", $"/api/v1/alarm/acknowledgement?{Key}", null),
        ("PUT", "/api/v1/references/promotion?model=m", """{"from_ms":1,"to_ms":2}"""),
        ("DELETE", "/api/v1/references?model=m&version=1", null),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Who_may_not_change_anything_changes_nothing(int change)
    {
        (string? Authorization, HttpStatusCode Status)[] rows =
        [
            (null, HttpStatusCode.Unauthorized),
            ("Bearer another token, of nobody", HttpStatusCode.Unauthorized),
            ($"Bearer {Changer} and more", HttpStatusCode.Unauthorized),
            ("Basic YTpi", HttpStatusCode.Unauthorized),
            ($"Bearer {Reader}", HttpStatusCode.Forbidden),
        ];
        var (method, path, body) = Changes[change];
        await using var monitor = await ScrapedMonitor.StartAsync(Tokens);
        foreach (var (authorization, status) in rows)
        {
            using var answer = await SendAsync(monitor, method, path, body, authorization);
            Assert.Equal((authorization, status), (authorization, answer.StatusCode));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.DoesNotContain("Set-Cookie", answer.Headers.Select(header => header.Key));
        }
    }

    /// <summary>The list above has every address that takes anything but a question.</summary>
    [Fact]
    public async Task There_is_no_other_way_to_change_anything()
    {
        await using var monitor = await ScrapedMonitor.StartAsync(Tokens);
        var endpoints = monitor.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.All(endpoints, endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()));
        var changing =
            from endpoint in endpoints
            from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            where method is not ("GET" or "HEAD")
            select $"{method} {endpoint.RoutePattern.RawText}";
        Assert.Equal(Changes.Select(change => $"{change.Method} {change.Path.Split('?')[0]}").Order(), changing.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_without_a_length_is_read_no_further_than_any_other(bool ofPeer)
    {
        await using var monitor = await ScrapedMonitor.StartAsync(Tokens);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(monitor.Address, Changes[0].Path));
        request.Content = new StreamContent(new MemoryStream(new byte[100_000])) { Headers = { ContentType = new("application/json") } };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Changer}");
        if (ofPeer)
        {
            request.Headers.Add(PeerSecret.UserHeader, "ann");
            request.Headers.Add(PeerSecret.Header, "1767226200 AAAA");
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    /// <summary>What is sent back in a header is part of one header, whatever stands in it.</summary>
    [Theory]
    [InlineData("/api/alarms?model=a%0d%0aSet-Cookie:%20x=y", "v1/alarms?model=a%0d%0aSet-Cookie:%20x=y")]
    [InlineData("/monitor/?a=b%0d%0aSet-Cookie:%20x=y", "../monitor?a=b%0d%0aSet-Cookie:%20x=y")]
    [InlineData("/runbooks/a%0d%0aSet-Cookie:%20x=y/", "../a%0D%0ASet-Cookie%3A%20x%3Dy")]
    public async Task A_line_break_in_an_address_adds_no_header(string path, string location)
    {
        await using var monitor = await ScrapedMonitor.StartAsync(AccessTokens.None);
        var answer = await RawAsync(monitor, path);
        var headers = answer.Split("\r\n\r\n")[0].Split("\r\n");
        Assert.DoesNotContain(headers, header => header.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase));
        Assert.Contains($"Location: {location}", headers);
    }

    [Theory]
    [InlineData("/assets/../../appsettings.json")]
    [InlineData("/assets/..%2f..%2fappsettings.json")]
    [InlineData("/assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/assets/..%5c..%5cappsettings.json")]
    [InlineData("/runbooks/..%2f..%2fetc%2fpasswd")]
    [InlineData("/runbooks//etc/passwd")]
    public async Task No_path_leads_to_a_file_of_the_machine(string path)
    {
        await using var monitor = await ScrapedMonitor.StartAsync(AccessTokens.None);
        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync(monitor, path), StringComparison.Ordinal);
    }

    /// <summary>A name that a peer says is of one user, and never a header of its own.</summary>
    [Fact]
    public async Task A_name_with_a_line_break_travels_between_replicas_as_one_name()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new PeerClient(Secret, JsonSerializerOptions.Web, TimeProvider.System);
        var asking = client.AskAsync<object>(
            HttpMethod.Put, new StatusOwner("other", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), "/x",
            "ann\r\nAuthorization: Bearer y", null, TestContext.Current.CancellationToken);
        using var caught = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        using var reader = new StreamReader(caught.GetStream());
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line)
        {
            lines.Add(line);
        }

        caught.Close();
        await asking;
        Assert.Contains($"{PeerSecret.UserHeader}: ann%0D%0AAuthorization%3A%20Bearer%20y", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Authorization", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Two replicas that each take the other for the owner: a change goes no further than one, and is not made.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_change_goes_no_further_than_one_replica(int change)
    {
        await using var one = await ScrapedMonitor.StartAsync(Tokens);
        await using var other = await ScrapedMonitor.StartAsync(Tokens);
        Know(one, other);
        Know(other, one);
        var (method, path, body) = Changes[change];
        using var answer = await SendAsync(one, method, path, body, $"Bearer {Changer}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var told = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("taken it over", told, StringComparison.Ordinal); // what the other one says by itself
    }

    private static AccessTokens Tokens => new(
        [
            (SHA256.HashData(Encoding.UTF8.GetBytes(Reader)), "dashboards", false),
            (SHA256.HashData(Encoding.UTF8.GetBytes(Changer)), "ops", true),
        ],
        Secret);

    private static void Know(ScrapedMonitor asked, ScrapedMonitor owner)
    {
        var statuses = asked.Services.GetRequiredService<KnownStatuses>();
        var nowMs = asked.Time.GetUtcNow().ToUnixTimeMilliseconds();
        statuses.Add(new ModelStatus(
            ModelStatus.CurrentVersion, "m", 1, nowMs, nowMs, new StatusOwner("other", owner.Address.ToString()), ModelState.Guarded, nowMs,
            nowMs, null, [], [], [], JsonSerializer.SerializeToElement(0)).ToJson());
        statuses.Show(areRead: true);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        ScrapedMonitor monitor, string method, string path, string? body, string? authorization)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), new Uri(monitor.Address, path));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue("application/json"));
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a path as it stands, which a client of HTTP would clean up.</summary>
    private static async Task<string> RawAsync(ScrapedMonitor monitor, string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(monitor.Address.Host, monitor.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {monitor.Address.Authority}\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
