using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>A schema registry with the endpoints that a consumer asks, over HTTP or TLS, with or without a password.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, object> _byId = [];
    private readonly ConcurrentDictionary<(string Subject, int Version), object> _bySubject = [];
    private readonly WebApplication _server;
    private readonly string? _user;
    private int _requests;

    private TestRegistry(X509Certificate2? certificate, string? user)
    {
        _user = user;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listener =>
        {
            if (certificate is not null)
            {
                listener.UseHttps(certificate);
            }
        }));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    /// <summary>What it answers with instead of schemas.</summary>
    public HttpStatusCode? Fails { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public string Url => _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<TestRegistry> StartAsync(X509Certificate2? certificate = null, string? user = null)
    {
        var registry = new TestRegistry(certificate, user);
        await registry._server.StartAsync(TestContext.Current.CancellationToken);
        return registry;
    }

    /// <summary>A certificate for this machine that it signed itself.</summary>
    public static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    public void Add(int id, string schema, string? type = null, params (string Name, string Subject, int Version)[] references) =>
        _byId[id] = new
        {
            schema,
            schemaType = type ?? "AVRO",
            references = references.Select(
                reference => new { name = reference.Name, subject = reference.Subject, version = reference.Version }),
        };

    public void Add(string subject, int version, int id, string schema) =>
        _bySubject[(subject, version)] = new { subject, version, id, schema, schemaType = "AVRO" };

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var path = context.Request.Path.Value!.Trim('/').Split('/');
        if (_user is not null
            && context.Request.Headers.Authorization != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(_user)))
        {
            return SendAsync(context, HttpStatusCode.Unauthorized, new { error_code = 401, message = "Unauthorized" });
        }

        if (Fails is { } status)
        {
            return SendAsync(context, status, new { error_code = (int)status, message = "no" });
        }

        return path switch
        {
            ["schemas", "ids", var id] when _byId.TryGetValue(Number(id), out var schema) => SendAsync(context, HttpStatusCode.OK, schema),
            ["schemas", "ids", _] => SendAsync(context, HttpStatusCode.NotFound, new { error_code = 40403, message = "Schema not found" }),
            ["subjects", var subject, "versions", var version] when _bySubject.TryGetValue((subject, Number(version)), out var schema) =>
                SendAsync(context, HttpStatusCode.OK, schema),
            _ => SendAsync(context, HttpStatusCode.NotFound, new { error_code = 40401, message = "Subject not found" }),
        };
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static Task SendAsync(HttpContext context, HttpStatusCode status, object body)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/vnd.schemaregistry.v1+json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(body));
    }
}
