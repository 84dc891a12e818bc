using System.Collections.Immutable;
using System.Net;
using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Sources;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>Records in Confluent's framing, their schemas from a registry that really answers.</summary>
public sealed class SchemaRegistryTests
{
    private const string Scored =
        """{"type":"record","name":"Scored","fields":[{"name":"model","type":"string"},{"name":"label","type":"string"}]}""";

    private static readonly byte[] Record = [0, 0, 0, 0, 7, 2, (byte)'m', 2, (byte)'a'];

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_schema_is_asked_for_once()
    {
        await using var server = await TestRegistry.StartAsync();
        server.Add(7, Scored);
        using var registry = Registry(server.Url);
        using var another = Registry(server.Url);
        var (first, second) = (new AvroFrame(registry), new AvroFrame(another));
        for (var record = 0; record < 3; record++)
        {
            Assert.Equal((RejectionReason.None, """{"model":"m","label":"a"}"""), Unwrap(first, Record));
            Assert.Equal((RejectionReason.None, """{"model":"m","label":"a"}"""), Unwrap(second, Record));
        }

        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task Records_of_a_JSON_Schema_are_JSON_already()
    {
        await using var server = await TestRegistry.StartAsync();
        server.Add(8, """{"type":"object"}""", "JSON");
        server.Add(9, "syntax = \"proto3\";", "PROTOBUF");
        server.Add(10, "\"nonsense\"");
        using var registry = Registry(server.Url);
        var frame = new AvroFrame(registry);
        Assert.Equal((RejectionReason.None, "{\"a\":1}"), Unwrap(frame, [0, 0, 0, 0, 8, .. "{\"a\":1}"u8]));
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(frame, [0, 0, 0, 0, 9, 0]).Reason);
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(frame, [0, 0, 0, 0, 10, 0]).Reason);
        Assert.Equal(RejectionReason.Malformed, Unwrap(frame, [.. "{\"a\":1}"u8]).Reason);
        Assert.Equal(RejectionReason.Malformed, Unwrap(frame, [0, 0, 0, 8]).Reason);
    }

    [Fact]
    public async Task An_unknown_id_is_asked_for_again_after_a_while()
    {
        await using var server = await TestRegistry.StartAsync();
        using var registry = Registry(server.Url);
        var frame = new AvroFrame(registry);
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(frame, Record).Reason);
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(frame, Record).Reason);
        Assert.Equal(1, server.Requests);
        server.Add(7, Scored);
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(frame, Record).Reason);
        _time.Advance(SchemaRegistry.UnknownFor);
        Assert.Equal(RejectionReason.None, Unwrap(frame, Record).Reason);
    }

    [Fact]
    public async Task References_are_asked_for_too()
    {
        await using var server = await TestRegistry.StartAsync();
        server.Add(7, """{"type":"record","name":"R","fields":[{"name":"s","type":"S"}]}""", null, ("S", "s-value", 3));
        server.Add(11, """{"type":"record","name":"R","fields":[{"name":"t","type":"T"}]}""", null, ("T", "t-value", 1));
        server.Add("s-value", 3, 5, """{"type":"record","name":"S","fields":[{"name":"p","type":"boolean"}]}""");
        using var registry = Registry(server.Url);
        var frame = new AvroFrame(registry);
        Assert.Equal((RejectionReason.None, """{"s":{"p":true}}"""), Unwrap(frame, [0, 0, 0, 0, 7, 1]));
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(frame, [0, 0, 0, 0, 11, 1]).Reason);
    }

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.NotFound)] // not the registry's 404, but that of what stands before it
    public async Task A_registry_that_does_not_tell_is_unavailable_until_it_does(HttpStatusCode status)
    {
        await using var server = await TestRegistry.StartAsync();
        server.Add(7, Scored);
        server.Fails = status;
        using var registry = Registry(server.Url);
        var frame = new AvroFrame(registry);
        Assert.Throws<SchemaRegistryUnavailable>(() => Unwrap(frame, Record));
        Assert.Throws<SchemaRegistryUnavailable>(() => Unwrap(frame, Record));
        Assert.Equal(1, server.Requests); // not asked again at once
        server.Fails = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RejectionReason.None, Unwrap(frame, Record).Reason);
    }

    [Fact]
    public async Task A_request_that_a_registry_does_not_take_has_no_schema()
    {
        await using var server = await TestRegistry.StartAsync();
        server.Fails = HttpStatusCode.UnprocessableEntity;
        using var registry = Registry(server.Url);
        Assert.Equal(RejectionReason.UnknownSchema, Unwrap(new AvroFrame(registry), Record).Reason);
    }

    [Fact]
    public async Task A_registry_that_is_not_there_is_unavailable()
    {
        string url;
        await using (var server = await TestRegistry.StartAsync())
        {
            url = server.Url;
        }

        using var registry = Registry(url);
        Assert.Throws<SchemaRegistryUnavailable>(() => Unwrap(new AvroFrame(registry), Record));
    }

    [Fact]
    public async Task A_password_is_sent()
    {
        await using var server = await TestRegistry.StartAsync(user: "me:s3cret");
        server.Add(7, Scored);
        using var registry = Registry(server.Url, ("schema.registry.basic.auth.user.info", "me:s3cret"));
        Assert.Equal(RejectionReason.None, Unwrap(new AvroFrame(registry), Record).Reason);
        using var another = Registry(server.Url, ("schema.registry.basic.auth.user.info", "me:wrong"));
        var problem = Assert.Throws<SchemaRegistryUnavailable>(() => Unwrap(new AvroFrame(another), Record));
        Assert.DoesNotContain("wrong", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_is_checked()
    {
        using var certificate = TestRegistry.Certificate();
        var authority = Path.Combine(Directory.CreateTempSubdirectory().FullName, "ca.pem");
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using var server = await TestRegistry.StartAsync(certificate);
        server.Add(7, Scored);
        using var registry = Registry(server.Url, ("schema.registry.ssl.ca.location", authority));
        Assert.Equal(RejectionReason.None, Unwrap(new AvroFrame(registry), Record).Reason);
        using var distrusting = Registry(server.Url);
        Assert.Throws<SchemaRegistryUnavailable>(() => Unwrap(new AvroFrame(distrusting), Record));
    }

    private SchemaRegistry Registry(string url, params (string Name, string Value)[] more) => new(
        new SchemaRegistrySettings(
            url,
            more.Append(("schema.registry.url", url)).ToImmutableSortedDictionary(setting => setting.Item1, setting => setting.Item2),
            new Secrets([.. more.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))], new HashSet<string>())),
        _time);

    private static (RejectionReason Reason, string Json) Unwrap(AvroFrame frame, byte[] value)
    {
        var reason = frame.Unwrap(value, null, new RecordFacts(), out var json);
        return (reason, reason == RejectionReason.None ? Encoding.UTF8.GetString(json) : "");
    }
}
