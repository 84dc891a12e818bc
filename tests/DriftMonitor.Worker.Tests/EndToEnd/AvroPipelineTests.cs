using System.Net;
using Avro;
using Avro.Generic;
using Avro.IO;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Sources;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// Predictions and labels in Avro, their schemas in a registry over TLS that asks for a password, is away at the start, and goes away
/// again.
/// </summary>
public sealed class AvroPipelineTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private const string Password = "s3cret-of-the-registry";
    private const byte Scored = 7, Refunded = 8, Renamed = 9, Unknown = 10;
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private static readonly RecordSchema ScoredSchema = (RecordSchema)Schema.Parse(
        """
        {"type":"record","name":"Scored","fields":[{"name":"payment","type":"string"},{"name":"probs","type":{"type":"array","items":"double"}},
          {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}
        """);

    private static readonly RecordSchema RenamedSchema = (RecordSchema)Schema.Parse(
        ScoredSchema.ToString().Replace("\"Scored\"", "\"ScoredAgain\"", StringComparison.Ordinal));

    private static readonly RecordSchema RefundedSchema = (RecordSchema)Schema.Parse(
        """{"type":"record","name":"Refunded","fields":[{"name":"payment","type":"string"},{"name":"fraud","type":["null","boolean"]}]}""");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public async Task A_partition_waits_for_a_registry_that_does_not_answer()
    {
        using var certificate = TestRegistry.Certificate();
        var (authority, password) = (Path.Combine(_directory.FullName, "ca.pem"), Path.Combine(_directory.FullName, "password"));
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(password, $"me:{Password}\n", TestContext.Current.CancellationToken);
        await using var registry = await TestRegistry.StartAsync(certificate, user: $"me:{Password}");
        registry.Add(Scored, ScoredSchema.ToString());
        registry.Add(Refunded, RefundedSchema.ToString());
        registry.Add(Renamed, RenamedSchema.ToString());
        registry.Fails = HttpStatusCode.ServiceUnavailable;

        var (payments, refunds) = (await broker.CreateTopicAsync("payments", 1), await broker.CreateTopicAsync("refunds", 1));
        var time = new FakeTimeProvider(Start.AddSeconds(5));
        using var log = new LogLines();
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Sources:0:Topic"] = payments,
            ["Sources:0:Model"] = "fraud",
            ["Sources:0:Map:id"] = "/payment",
            ["Sources:0:Map:ts"] = "/at",
            ["Sources:0:Map:probs"] = "/probs",
            ["Sources:1:Topic"] = refunds,
            ["Sources:1:Kind"] = "labels",
            ["Sources:1:Map:id"] = "/payment",
            ["Sources:1:Map:label"] = "/fraud",
            ["Windows:Spans"] = "1h/1m",
            ["Divergence:MinimumEvents"] = "1",
        };
        foreach (var source in new[] { "Sources:0", "Sources:1" })
        {
            settings[$"{source}:Frame"] = "confluent";
            settings[$"{source}:SchemaRegistry:Url"] = registry.Url;
            settings[$"{source}:SchemaRegistry:Client:ssl.ca.location"] = authority;
            settings[$"{source}:SchemaRegistry:Client:basic.auth.user.info:File"] = password;
        }

        await using var monitor = await RunningMonitor.StartAsync(time, settings, log);
        Produce(payments, Scored, Prediction(ScoredSchema, "a", 0.5, 0.5), Prediction(ScoredSchema, "b", 0.75, 0.25));
        Produce(refunds, Refunded, Label("a", true), Label("b", false), Label("c", null));
        await WaitsAsync(registry.Url);
        Assert.Equal(0, await ReadAsync(payments));
        Assert.Equal(
            0, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{payments}\"", "reason=\"unknown_schema\""));

        registry.Fails = null;
        await monitor.UntilAsync(
            "all are read and joined",
            async () => await ReadAsync(payments) == 2 && await monitor.ValueAsync("driftmonitor_feedback_matched_total") == 2,
            () => time.Advance(TimeSpan.FromMilliseconds(500)));

        registry.Fails = HttpStatusCode.ServiceUnavailable;
        Produce(payments, Renamed, Prediction(RenamedSchema, "d", 0.25, 0.75));
        Produce(payments, Unknown, Prediction(ScoredSchema, "e", 0.25, 0.75));
        await WaitsAsync(registry.Url);
        registry.Fails = null;
        await monitor.UntilAsync(
            "the rest is read",
            async () => await ReadAsync(payments) == 4
                && await RefusedAsync() == 1
                && (await monitor.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK,
            () => time.Advance(TimeSpan.FromMilliseconds(500)));

        time.SetUtcNow(Start.AddSeconds(3_601));
        await monitor.UntilAsync(
            "a window of three",
            async () => await monitor.ValueAsync("driftmonitor_window_events", "model=\"fraud\"", "segment=\"_all\"") == 3,
            () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain(log.All, line => line.Contains(Password, StringComparison.Ordinal));

        Task<double> ReadAsync(string topic) => monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{topic}\"");

        Task<double> RefusedAsync() =>
            monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{payments}\"", "reason=\"unknown_schema\"");

        Task WaitsAsync(string url) => monitor.UntilAsync(
            "it says what it waits for",
            async () =>
            {
                using var ready = await monitor.GetAsync("/health/ready");
                var text = await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                Assert.DoesNotContain(Password, text, StringComparison.Ordinal);
                return ready.StatusCode == HttpStatusCode.ServiceUnavailable
                    && text.Contains($"the schema registry {url} does not answer", StringComparison.Ordinal);
            },
            () => time.Advance(TimeSpan.FromMilliseconds(100)));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static byte[] Prediction(RecordSchema schema, string payment, params double[] probs)
    {
        var record = new GenericRecord(schema);
        record.Add("payment", payment);
        record.Add("probs", probs);
        record.Add("at", Start.UtcDateTime);
        return Written(schema, record);
    }

    private static byte[] Label(string payment, bool? fraud)
    {
        var record = new GenericRecord(RefundedSchema);
        record.Add("payment", payment);
        record.Add("fraud", fraud);
        return Written(RefundedSchema, record);
    }

    private static byte[] Written(RecordSchema schema, GenericRecord record)
    {
        using var stream = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private void Produce(string topic, byte schema, params byte[][] values)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        foreach (var value in values)
        {
            producer.Produce(topic, new Message<Null, byte[]>
            {
                Value = [0, 0, 0, 0, schema, .. value],
                Timestamp = new Timestamp(Start.ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
