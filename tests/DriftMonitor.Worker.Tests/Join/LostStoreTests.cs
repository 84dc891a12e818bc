using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RocksDbSharp;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>The whole service when the store of the join is lost, and when it can take nothing.</summary>
public sealed class LostStoreTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IAsyncLifetime
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private const int NoLabel = -1;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly FakeTimeProvider _time = new(Start.AddSeconds(5));
    private readonly string _group = $"group-{Guid.NewGuid():N}";
    private string _predictions = "";
    private string _feedback = "";
    private string _panes = "";
    private string _deadLetters = "";

    public async ValueTask InitializeAsync() => (_predictions, _feedback, _panes, _deadLetters) = (
        await broker.CreateTopicAsync("predictions", 1),
        await broker.CreateTopicAsync("feedback", 1),
        await broker.CreatePanesTopicAsync(1),
        await broker.CreateTopicAsync("dead-letters", 1));

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_read_again_after_a_store_was_lost_counts_as_rebuilt()
    {
        await using (var monitor = await StartAsync())
        {
            Produce(_predictions, 0, 1);
            Produce(_feedback, 0, 1, 2); // 2 has no prediction
            await monitor.UntilAsync("matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == 2, Advance);
            _time.Advance(TimeSpan.FromMinutes(20));
            await monitor.UntilAsync(
                "given up", async () => await monitor.ValueAsync("driftmonitor_feedback_unmatched_total", "never_matched") == 1, Advance);
            Assert.Equal(0, await monitor.ValueAsync("driftmonitor_feedback_rebuilt_total"));
            await monitor.StopAsync();
        }

        _directory.Delete(recursive: true);
        _directory.Create();
        await using var successor = await StartAsync();
        await successor.UntilAsync("rebuilt", async () => await successor.ValueAsync("driftmonitor_feedback_rebuilt_total") == 3, Advance);
        Produce(_predictions, 3);
        Produce(_feedback, 3);
        _time.Advance(TimeSpan.FromMinutes(2));
        await successor.UntilAsync(
            "shown", async () => await successor.ValueAsync("driftmonitor_feedback_events", "label_time") is > 0, Advance);
        await successor.UntilAsync(
            "matched anew", async () => await successor.ValueAsync("driftmonitor_feedback_matched_total") == 1, Advance);
        foreach (var reason in new[] { "never_matched", "duplicate", "corrected", "outside_horizon", "invalid" })
        {
            Assert.Equal(0, await successor.ValueAsync("driftmonitor_feedback_unmatched_total", reason));
        }
    }

    [Fact]
    public async Task While_the_disk_is_full_drift_goes_on_and_afterwards_no_label_is_lost_or_doubled()
    {
        var disk = new Disk { IsFull = true };
        await using var monitor = await StartAsync(
            services => services.AddSingleton<Func<string, IFeedbackStore>>(provider => OnDisk(provider, disk)));
        Produce(_predictions, 0, 1, 2);
        Produce(_feedback, 0, 1, 2);
        await monitor.UntilAsync(
            "not opened", async () => await monitor.ValueAsync("driftmonitor_feedback_degraded_partitions") == 1, Advance);
        disk.IsFull = false;
        await monitor.UntilAsync("matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == 3, Advance);

        disk.IsFull = true;
        Produce(_predictions, 3, 4);
        Produce(_feedback, 3, 4, 4, NoLabel);
        await monitor.UntilAsync(
            "degraded", async () => await monitor.ValueAsync("driftmonitor_feedback_degraded_partitions") == 1, Advance);
        _time.Advance(TimeSpan.FromMinutes(2));
        await monitor.UntilAsync("drift", async () => await monitor.ValueAsync("driftmonitor_window_events", "model=\"m\"") == 5, Advance);
        Assert.Equal(3, await monitor.ValueAsync("driftmonitor_feedback_matched_total"));
        var ready = await monitor.GetAsync("/health/ready");
        Assert.Equal(System.Net.HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains(
            "are not joined: No space left on device", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        await monitor.UntilAsync("tried again", () => Task.FromResult(disk.Refused >= 4), Advance);
        disk.FailsWhenOpened = false;
        await monitor.UntilAsync("read again and again", () => Task.FromResult(disk.Refused >= 8), Advance);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await monitor.GetAsync("/health/live")).StatusCode);

        disk.IsFull = false;
        await monitor.UntilAsync("mended", async () => await monitor.ValueAsync("driftmonitor_feedback_degraded_partitions") == 0, Advance);
        await monitor.UntilAsync(
            "caught up", async () => await monitor.ValueAsync("driftmonitor_feedback_events", "label_time") == 5, Advance);
        Assert.Equal(5, await monitor.ValueAsync("driftmonitor_feedback_matched_total"));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_feedback_unmatched_total", "duplicate"));
        Assert.Equal(7, await monitor.ValueAsync("driftmonitor_records_consumed_total", _feedback)); // told once, however often it was read
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_rejected_total", _feedback, "missing_output"));
        await monitor.UntilAsync(
            "copied", async () => await monitor.ValueAsync("driftmonitor_dead_letters_total", _feedback) == 1, Advance);
    }

    [Fact]
    public async Task A_record_whose_second_label_finds_no_store_is_counted_and_copied_whole_once()
    {
        var disk = new Disk { FailsWhenOpened = false, FullFor = "2" };
        await using var monitor = await StartAsync(
            services => services.AddSingleton<Func<string, IFeedbackStore>>(provider => OnDisk(provider, disk)),
            new Dictionary<string, string?>
            {
                ["Feedback:Topic"] = null,
                ["Sources:0:Topic"] = _predictions,
                ["Kafka:PredictionTopics"] = null,
                ["Sources:1:Topic"] = _feedback,
                ["Sources:1:Kind"] = "labels",
                ["Sources:1:Rows"] = "/all",
            });
        Produce(_predictions, 1, 2, 3);
        ProduceValue(
            _feedback,
            """
            {"all":[{"model":"m","id":"1","label":"a"},{"model":"m","id":"2","label":"a","ts":"soon"},
            {"model":"m","id":"3","label":"a","ts":"2020-01-01T00:00:00Z"}]}
            """);
        await monitor.UntilAsync("tried", () => Task.FromResult(disk.Refused >= 1), Advance);
        disk.FullFor = null;
        await monitor.UntilAsync("matched", async () => await monitor.ValueAsync("driftmonitor_feedback_matched_total") == 2, Advance);
        await monitor.UntilAsync(
            "copied", async () => await monitor.ValueAsync("driftmonitor_dead_letters_total", _feedback) == 1, Advance);
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_consumed_total", _feedback));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_rejected_total", _feedback, "model=\"m\"", "late"));
        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_records_fallen_back_total", _feedback, "model=\"m\"", "\"ts\""));
    }

    private static Func<string, IFeedbackStore> OnDisk(IServiceProvider provider, Disk disk)
    {
        var feedback = provider.GetRequiredService<MonitorSettings>().Feedback!;
        var cache = Cache.CreateLru(feedback.BlockCacheBytes);
        return directory =>
        {
            disk.Open();
            return new StoreOnDisk(
                RocksDbFeedbackStore.Open(directory, feedback.Plan, "", feedback.BucketMs, cache, feedback.WriteBufferBytes), disk);
        };
    }

    private void Advance() => _time.Advance(TimeSpan.FromMilliseconds(500));

    private Task<RunningMonitor> StartAsync(
        Action<IServiceCollection>? services = null, Dictionary<string, string?>? settings = null) => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>(Settings().Concat(settings ?? []).GroupBy(setting => setting.Key).Select(same => same.Last()).Where(
            setting => setting.Value is not null)),
        services: services);

    private Dictionary<string, string?> Settings() => new()
    {
        ["Kafka:BootstrapServers"] = broker.BootstrapServers,
        ["Kafka:GroupId"] = _group,
        ["Kafka:PredictionTopics"] = _predictions,
        ["Kafka:PanesTopic"] = _panes,
        ["Windows:Spans"] = "1h/1m",
        ["Windows:AllowedLateness"] = "10s",
        ["Feedback:Topic"] = _feedback,
        ["Feedback:Horizon"] = "10s",
        ["DeadLetter:Topic"] = _deadLetters,
        ["Kafka:Client:group.protocol"] = "consumer", // the embedded broker has the classic one wait for who left, a whole session
        ["Feedback:Directory"] = _directory.FullName,
    };

    private void ProduceValue(string topic, string value)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        producer.Produce(topic, new Message<Null, string>
        {
            Value = value,
            Timestamp = new Timestamp(_time.GetUtcNow().ToUnixTimeMilliseconds(), TimestampType.CreateTime),
        });
        producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>A record of the time as it is for each id, a prediction or its label.</summary>
    private void Produce(string topic, params int[] ids)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        foreach (var id in ids)
        {
            var rest = id == NoLabel ? "\"note\":0" : topic == _predictions ? "\"probs\":{\"a\":0.5,\"b\":0.5}" : "\"label\":\"a\"";
            producer.Produce(topic, new Message<Null, byte[]>
            {
                Value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"model\":\"m\",\"id\":\"{id}\",{rest}}}")),
                Timestamp = new Timestamp(_time.GetUtcNow().ToUnixTimeMilliseconds(), TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }

    private sealed class Disk
    {
        private int _refused;

        public volatile bool IsFull;

        public volatile bool FailsWhenOpened = true;

        /// <summary>The id whose label cannot be written, null for none.</summary>
        public volatile string? FullFor;

        public int Refused => Volatile.Read(ref _refused);

        public void Open()
        {
            if (FailsWhenOpened)
            {
                Write();
            }
        }

        public void Write(string? id = null)
        {
            if (IsFull || (id is not null && id == FullFor))
            {
                Interlocked.Increment(ref _refused);
                throw new IOException("No space left on device");
            }
        }
    }

    private sealed class StoreOnDisk(IFeedbackStore store, Disk disk) : IFeedbackStore
    {
        public FeedbackPosition Position => store.Position;

        public JoinedPrediction AsKept(JoinedPrediction prediction) => store.AsKept(prediction);

        public JoinEntry Find(JoinKey key) => store.Find(key);

        public void Put(JoinKey key, JoinEntry found, JoinEntry entry)
        {
            disk.Write(entry.Labels.IsEmpty ? null : key.Id);
            store.Put(key, found, entry);
        }

        public FeedbackSums Pane(FeedbackPaneKey key) => store.Pane(key);

        public IEnumerable<FeedbackPaneKey> Panes() => store.Panes();

        public long Forget(long beforeMs) => store.Forget(beforeMs);

        public void ForgetPanes(long lengthMs, long beforeMs) => store.ForgetPanes(lengthMs, beforeMs);

        public void Commit(FeedbackPosition position)
        {
            disk.Write();
            store.Commit(position);
        }

        public void Dispose() => store.Dispose();
    }
}
