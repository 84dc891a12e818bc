using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// What producers get wrong, each kind between good records: no partition stops, every record counts in a window or by its reason, and
/// those that do not are found in the dead-letter topic as they were.
/// </summary>
public sealed class PoisonTests(DefaultBroker broker) : IClassFixture<DefaultBroker>
{
    private const int MaxModels = 20;
    private const int MaxSegments = 5;
    private const int Names = 300;
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly long NowMs = Start.AddSeconds(5).ToUnixTimeMilliseconds();

    private static readonly byte[] Untimed = Utf8("""{"model":"m","probs":[0.25,0.75]}""");

    private static readonly (string Reason, byte[]? Value)[] Poison =
    [
        ("empty", []),
        ("too_large", Utf8($$"""{"model":"m","probs":[0.5,0.5],"padding":"{{new string('x', 2_000_000)}}"}""")),
        ("malformed", Utf8("""{"model":"m","probs":[0.5""")),
        ("malformed", Utf8("""{"model":"m","probs":[NaN,1]}""")),
        ("malformed", Utf8("""{"model":"m","probs":[-Infinity,1]}""")),
        ("malformed", Utf8($$"""{"model":"m","probs":{{new string('[', 500)}}{{new string(']', 500)}}}""")),
        ("malformed", [.. Utf8("{\"model\":\"m\",\"id\":\""), 0xC3, 0x28, .. Utf8("\",\"probs\":[0.5,0.5]}")]),
        ("malformed", [0xFF, 0xFE, 0x00]),
        ("not_an_object", Utf8("[0.5,0.5]")),
        ("wrong_type", Utf8("""{"model":7,"probs":[0.5,0.5]}""")),
        ("wrong_type", Utf8("""{"model":"m","probs":"0.5,0.5"}""")),
        ("duplicate_field", Utf8("""{"model":"m","model":"n","probs":[0.5,0.5]}""")),
        ("malformed", Utf8("""{"model":"\ud800","probs":[0.5,0.5]}""")),
        ("invalid_name", Utf8("""{"model":"a\u0000b","probs":[0.5,0.5]}""")),
        ("missing_model", Utf8("""{"probs":[0.5,0.5]}""")),
        ("missing_output", Utf8("""{"model":"m"}""")),
        ("several_outputs", Utf8("""{"model":"m","probs":[0.5,0.5],"label":"0"}""")),
        ("wrong_arity", Utf8("""{"model":"m","probs":[]}""")),
        ("not_finite", Utf8("""{"model":"m","probs":[1e999,0]}""")),
        ("probability_out_of_range", Utf8("""{"model":"m","probs":[1e308,0]}""")),
        ("probability_out_of_range", Utf8("""{"model":"m","probs":[-0.5,1.5]}""")),
        ("sum_not_one", Utf8("""{"model":"m","probs":[0.5,0.6]}""")),
        ("late", Utf8("""{"model":"m","ts":"2020-02-29T00:00:00Z","probs":[0.5,0.5]}""")),
        ("future", Utf8("""{"model":"m","ts":"2030-01-01T00:00:00Z","probs":[0.5,0.5]}""")),
    ];

    /// <summary>Times that cannot be read: the predictions count by their records' own.</summary>
    private static readonly byte[][] FallingBack =
    [
        Utf8("""{"model":"m","ts":1e30,"probs":[0.5,0.5]}"""),
        Utf8("""{"model":"m","ts":"2026-13-45","probs":[0.5,0.5]}"""),
        Utf8("""{"model":"m","ts":0,"probs":[0.5,0.5]}"""),
        Utf8("""{"model":"m","ts":"0001-01-01T00:00:00Z","probs":[0.5,0.5]}"""),
        Utf8("""{"model":"m","ts":"9999-12-31T23:59:59Z","probs":[0.5,0.5]}"""),
    ];

    /// <summary>Timestamps that records themselves carry, on payloads that are good and tell no other time.</summary>
    private static readonly (string Reason, long StampMs)[] PoisonStamps =
    [
        ("invalid_timestamp", 1), // 1970; 0 would mean now
        ("invalid_timestamp", DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()),
        ("future", NowMs + (3_650 * 86_400_000L)),
        ("late", NowMs - 600_000),
    ];

    [Fact]
    public async Task Every_kind_is_counted_kept_and_survived()
    {
        var predictions = await broker.CreateTopicAsync("predictions", 2, anyTimestamp: true);
        var panes = await broker.CreatePanesTopicAsync(3);
        var deadLetters = await broker.CreateTopicAsync("dead-letters", 1);
        var time = new FakeTimeProvider(Start);
        await using var monitor = await StartAsync(predictions, panes, deadLetters, time);
        using var producer = new ProducerBuilder<byte[], byte[]?>(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5, MessageMaxBytes = 20_000_000 }).Build();

        var good = Utf8(string.Create(CultureInfo.InvariantCulture, $$"""{"model":"m","ts":{{NowMs}},"probs":[0.5,0.5]}"""));
        var goods = 0;
        foreach (var (_, value) in Poison)
        {
            Produce(producer, predictions, good);
            Produce(producer, predictions, value);
            goods++;
        }

        Produce(producer, predictions, value: null); // a tombstone is ignored
        foreach (var value in FallingBack)
        {
            Produce(producer, predictions, value);
            goods++;
        }

        foreach (var (_, stampMs) in PoisonStamps)
        {
            Produce(producer, predictions, good);
            producer.Produce(
                predictions, new Message<byte[],
                byte[]?>
                { Value = Untimed, Timestamp = new Timestamp(stampMs, TimestampType.CreateTime) });
            goods++;
        }

        for (var i = 0; i < Names; i++)
        {
            Produce(
                producer, predictions,
                Utf8(string.Create(CultureInfo.InvariantCulture, $$"""{"model":"other-{{i}}","ts":{{NowMs}},"probs":[0.5,0.5]}""")));
            Produce(
                producer, predictions,
                Utf8(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$$"""{"model":"m","segment":"s-{{{i}}}","ts":{{{NowMs}}},"probs":{"c-{{{i}}}":0.5,"0":0.5}}""")));
        }

        goods += Names;
        producer.Flush(Patience);
        var refusedModels = Names + 1 - MaxModels;
        var rejected = Poison.Length + PoisonStamps.Length + refusedModels;
        await monitor.UntilAsync(
            "all read, dead letters delivered",
            async () => await monitor.ValueAsync("driftmonitor_dead_letters_total", $"topic=\"{predictions}\"") >= rejected,
            () => time.Advance(TimeSpan.FromMilliseconds(5)));
        var expected = Poison.Select(poison => poison.Reason)
            .Concat(PoisonStamps.Select(poison => poison.Reason))
            .Concat(Enumerable.Repeat("model_limit", refusedModels))
            .CountBy(reason => reason)
            .ToDictionary();
        foreach (var (reason, count) in expected)
        {
            Assert.Equal(
                (reason, count), (
                    reason,
                    await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{predictions}\"", $"reason=\"{reason}\"")));
        }

        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_ignored_total", $"topic=\"{predictions}\""));
        Assert.Equal(
            FallingBack.Length,
            await monitor.ValueAsync("driftmonitor_records_fallen_back_total", $"topic=\"{predictions}\"", "field=\"ts\""));
        Assert.Equal(MaxModels, await monitor.ValueAsync("driftmonitor_models"));
        await monitor.UntilAsync(
            "segments counted, which is done once a publication", // and none need have been due yet
            async () => await monitor.ValueAsync("driftmonitor_segments_refused_total") == Names - MaxSegments,
            () => time.Advance(TimeSpan.FromMilliseconds(5)));

        time.SetUtcNow(Start.AddSeconds(11));
        await monitor.UntilAsync(
            $"{goods} good events in the window",
            async () => await monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"", "segment=\"_all\"") == goods,
            () => time.Advance(TimeSpan.FromMilliseconds(5)));

        var letters = Read(deadLetters, rejected);
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            letters.CountBy(letter => Header(letter, "reason")).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(rejected, letters.Select(letter => (Header(letter, "partition"), Header(letter, "offset"))).Distinct().Count());
        Assert.All(letters, letter => Assert.Equal(predictions, Header(letter, "topic")));
        foreach (var stamps in letters.GroupBy(letter => Same(letter.Message.Value, Untimed)))
        {
            long[] expectedStamps = stamps.Key ? [.. PoisonStamps.Select(poison => poison.StampMs)] : [NowMs];
            Assert.Equal(
                expectedStamps.Order(),
                stamps.Select(letter => long.Parse(Header(letter, "timestamp"), CultureInfo.InvariantCulture)).Distinct().Order());
        }

        foreach (var (reason, value) in Poison)
        {
            var original = value is { Length: > 1_000_000 } ? value[..900_000] : value;
            Assert.Contains(letters, letter => Header(letter, "reason") == reason && Same(letter.Message.Value, original));
        }

        var truncated = Assert.Single(letters, letter => letter.Message.Headers.TryGetLastBytes("driftmonitor.truncated_bytes", out _));
        Assert.Equal(Poison[1].Value!.Length.ToString(CultureInfo.InvariantCulture), Header(truncated, "truncated_bytes"));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static bool Same(byte[]? one, byte[]? other) =>
        one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    private static string Header(ConsumeResult<byte[]?, byte[]?> letter, string name) =>
        Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes($"driftmonitor.{name}"));

    private static void Produce(IProducer<byte[], byte[]?> producer, string topic, byte[]? value) =>
        producer.Produce(topic, new Message<byte[], byte[]?> { Value = value, Timestamp = new Timestamp(NowMs, TimestampType.CreateTime) });

    private Task<RunningMonitor> StartAsync(string predictions, string panes, string deadLetters, FakeTimeProvider time) =>
        RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = panes,
            ["DeadLetter:Topic"] = deadLetters,
            ["Limits:Models"] = $"{MaxModels}",
            ["Limits:SegmentsPerModel"] = $"{MaxSegments}",
            ["Windows:Spans"] = "1m/10s",
        });

    private List<ConsumeResult<byte[]?, byte[]?>> Read(string topic, int count)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = Guid.NewGuid().ToString("N"),
            FetchWaitMaxMs = 10,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        return [
            .. Enumerable.Range(0, count).Select(
                _ => consumer.Consume(Patience) ?? throw new TimeoutException("a dead letter is missing"))];
    }
}
