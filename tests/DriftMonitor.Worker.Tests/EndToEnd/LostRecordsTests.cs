using System.Collections.Immutable;
using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>
/// Records that are deleted before they are read, and topics that are not what they were. Needs the embedded broker, which deletes when it
/// is told to.
/// </summary>
public sealed class LostRecordsTests : IDisposable
{
    private const short Fetch = 1;
    private const short ListOffsets = 2;
    private const string M0 = "model=\"m0\"";
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Begin);
    private readonly LogLines _log = new();
    private volatile ImmutableDictionary<string, string> _ids = ImmutableDictionary<string, string>.Empty; // the embedded broker tells none

    // offset      0   10          60               100      one a second, the committed offset is 10
    // records     │   │  deleted  │ read ...         │
    // 1m window [41 ── 101) reaches into what is deleted; one that begins at 63, after skew and slack, does not
    [Theory]
    [InlineData("earliest")]
    [InlineData("latest")]
    public async Task Records_deleted_beyond_the_committed_offset_are_counted_and_their_windows_not_ready(string startFrom)
    {
        Create(partitions: 1);
        Produce(partition: 0, 0, 100);
        Commit(10);
        _broker.DeleteRecords("predictions", 0, 60);
        await using var monitor = await StartAsync(("Kafka:StartFrom", startFrom));

        await ReadAsync(monitor, 40);
        await ShownAsync(monitor, toSeconds: 101, last: 99);
        Assert.Equal((50, 1), (await LostAsync(monitor), await GapsAsync(monitor)));
        Assert.Equal(
            (0, 1), (
                await monitor.ValueAsync("driftmonitor_window_ready", "window=\"1m\"", M0),
                await monitor.ValueAsync("driftmonitor_window_ready", "window=\"10s\"", M0)));
        Assert.Contains(
            _log.All,
            line => line.StartsWith("Warning: predictions [[0]]: 50 records, offsets 10 to 59, were deleted", StringComparison.Ordinal));

        Produce(partition: 0, 100, 30);
        await ReadAsync(monitor, 70);
        await ShownAsync(monitor, toSeconds: 130, last: 129);
        await ReadyAsync(monitor);
    }

    /// <summary>A lane that is paused, or a replica that is slow, while retention passes it by.</summary>
    [Fact]
    public async Task Records_deleted_while_the_monitor_runs_are_counted()
    {
        Create(partitions: 1);
        Produce(partition: 0, 0, 100);
        await using var monitor = await StartAsync(("Kafka:Client:fetch.error.backoff.ms", "10"));
        await ReadAsync(monitor, 100);
        await ShownAsync(monitor, toSeconds: 100, last: 99);
        await ReadyAsync(monitor);

        await StopFetchesAsync(monitor);
        Produce(partition: 0, 100, 50);
        _broker.DeleteRecords("predictions", 0, 120);
        _broker.ClearRequestErrors(Fetch);

        await ReadAsync(monitor, 130);
        await ShownAsync(monitor, toSeconds: 151, last: 149);
        Assert.Equal((20, 1), (await LostAsync(monitor), await GapsAsync(monitor)));
        Assert.Equal(
            (0, 1), (
                await monitor.ValueAsync("driftmonitor_window_ready", "window=\"1m\"", M0),
                await monitor.ValueAsync("driftmonitor_window_ready", "window=\"10s\"", M0)));
    }

    /// <summary>Offsets begin anew. How many records of the old topic nobody read is not known.</summary>
    [Fact]
    public async Task A_topic_that_ends_before_the_committed_offset_is_read_from_its_beginning()
    {
        Create(partitions: 1);
        Produce(partition: 0, 0, 20);
        Commit(100);
        await using var monitor = await StartAsync();
        await ReadAsync(monitor, 20);
        await ShownAsync(monitor, toSeconds: 21, last: 19);
        Assert.Equal((0, 1), (await LostAsync(monitor), await GapsAsync(monitor)));
        Assert.Contains(
            _log.All, line => line.StartsWith(
                "Warning: predictions [[0]]: the topic was deleted and created again, or truncated: it ends at 20",
                StringComparison.Ordinal));
        // what was cut off may be as young as now
        Assert.Equal(0, await monitor.ValueAsync("driftmonitor_window_ready", "window=\"10s\"", M0));
        await monitor.UntilAsync("committed", () => Task.FromResult(Committed(0) is >= 0 and <= 20), Pass);
    }

    /// <summary>The same, while it is read.</summary>
    [Fact]
    public async Task A_topic_that_is_created_again_is_read_from_its_beginning()
    {
        Create(partitions: 1);
        Produce(partition: 0, 0, 100);
        await using var monitor = await StartAsync(
            ("Kafka:Client:fetch.error.backoff.ms", "10"), ("Kafka:Client:topic.metadata.refresh.interval.ms", "100"));
        await ReadAsync(monitor, 100);
        await ShownAsync(monitor, toSeconds: 100, last: 99);

        await StopFetchesAsync(monitor);
        _broker.DeleteTopic("predictions");
        _broker.CreateTopic("predictions", 1);
        Produce(partition: 0, 100, 20);
        _broker.ClearRequestErrors(Fetch);

        await ReadAsync(monitor, 120);
        await ShownAsync(monitor, toSeconds: 121, last: 119);
        Assert.Equal((0, 1), (await LostAsync(monitor), await GapsAsync(monitor)));
        Assert.Equal(0, await monitor.ValueAsync("driftmonitor_window_ready", "window=\"1m\"", M0));
        await monitor.UntilAsync("committed", () => Task.FromResult(Committed(0) is >= 0 and <= 20), Pass);
    }

    /// <summary>Brokers that tell ids may tell the new one after the offsets have: it is one loss, and no record counts twice.</summary>
    [Fact]
    public async Task A_topic_that_is_told_twice_to_be_another_is_read_from_its_beginning_once()
    {
        Create(partitions: 1);
        _ids = _ids.Add("predictions", "one");
        Produce(partition: 0, 0, 100);
        await using var monitor = await StartAsync(
            ("Kafka:Client:fetch.error.backoff.ms", "10"), ("Kafka:Client:topic.metadata.refresh.interval.ms", "100"));
        await ReadAsync(monitor, 100);

        await StopFetchesAsync(monitor);
        _broker.DeleteTopic("predictions");
        _broker.CreateTopic("predictions", 1);
        Produce(partition: 0, 100, 20);
        _broker.ClearRequestErrors(Fetch);
        await monitor.UntilAsync("it is looked at", () => Task.FromResult(_broker.TrackedRequests().Contains(ListOffsets)));
        _ids = _ids.SetItem("predictions", "two");
        _time.Advance(TimeSpan.FromSeconds(20));
        await ReadAsync(monitor, 120);
        Produce(partition: 0, 120, 20);
        _time.Advance(TimeSpan.FromSeconds(20));
        await ReadAsync(monitor, 140);
        Assert.Equal((0, 1), (await LostAsync(monitor), await GapsAsync(monitor)));
    }

    /// <summary>The new one is longer than what was read of the old: no offset tells, but the topic's id.</summary>
    [Fact]
    public async Task A_topic_with_another_id_is_read_from_its_beginning()
    {
        Create(partitions: 1);
        _ids = _ids.Add("predictions", "one");
        Produce(partition: 0, 0, 100);
        await using var monitor = await StartAsync(("Kafka:Client:fetch.error.backoff.ms", "10"));
        await ReadAsync(monitor, 100);
        await ShownAsync(monitor, toSeconds: 100, last: 99);
        await ReadyAsync(monitor);

        await StopFetchesAsync(monitor);
        _broker.DeleteTopic("predictions");
        _broker.CreateTopic("predictions", 1);
        Produce(partition: 0, 100, 120);
        _ids = _ids.SetItem("predictions", "two");
        _time.Advance(TimeSpan.FromSeconds(20));
        await monitor.UntilAsync("noticed", async () => await Noticed(monitor), Pass);
        _broker.ClearRequestErrors(Fetch);

        await ReadAsync(monitor, 220);
        Produce(partition: 0, 400, 61);
        await ReadAsync(monitor, 281);
        await ShownAsync(monitor, toSeconds: 461, last: 460);
        Assert.Equal((0, 1), (await LostAsync(monitor), await GapsAsync(monitor)));
        Assert.Contains(
            _log.All,
            line => line.StartsWith("Warning: predictions [[0]]: the topic was deleted and created again", StringComparison.Ordinal));
        await ReadyAsync(monitor); // it lies behind the new one's begin
        Assert.Equal(60, await monitor.ValueAsync("driftmonitor_window_events", "window=\"1m\"", M0));

        static async Task<bool> Noticed(RunningMonitor monitor) => await GapsAsync(monitor) == 1;
    }

    /// <summary>The gap is only seen at the end. It is told once: a restart finds the committed offset behind it.</summary>
    [Fact]
    public async Task A_partition_of_which_nothing_is_left_makes_windows_incomplete_once()
    {
        Create(partitions: 2);
        Produce(partition: 0, 0, 100);
        Produce(partition: 1, 0, 100);
        Commit(10, partition: 1);
        _broker.DeleteRecords("predictions", 1, 100);
        await using (var first = await StartAsync())
        {
            await ReadAsync(first, 100);
            await ShownAsync(first, toSeconds: 100, last: 99);
            Assert.Equal((90, 1), (await LostAsync(first), await GapsAsync(first)));
            Assert.Equal(0, await first.ValueAsync("driftmonitor_window_ready", "window=\"10s\"", M0));
            await first.UntilAsync("committed", () => Task.FromResult(Committed(1) == 100), Pass);
        }

        Produce(partition: 0, 100, 20);
        var unread = 120 - (int)Committed(0);
        await using var second = await StartAsync();
        await ReadAsync(second, unread);
        await ShownAsync(second, toSeconds: 120, last: 119);
        Assert.Equal((0, 0), (await LostAsync(second), await GapsAsync(second)));
        Assert.Equal(
            (0, 1), (
                await second.ValueAsync("driftmonitor_window_ready", "window=\"1m\"", M0),
                await second.ValueAsync("driftmonitor_window_ready", "window=\"10s\"", M0)));
    }

    /// <summary>
    /// <c>latest</c> is where a group begins. What comes in a partition that is added later is not what was there before.
    /// </summary>
    [Fact]
    public async Task A_partition_that_is_new_to_a_group_is_read_from_its_beginning()
    {
        Create(partitions: 2);
        Produce(partition: 0, 0, 10);
        Produce(partition: 1, 0, 10);
        Commit(10, partition: 0);
        await using var monitor = await StartAsync(("Kafka:StartFrom", "latest"));
        await ReadAsync(monitor, 10);
    }

    /// <summary>Nobody has committed anything: the group begins, in every partition, whoever is assigned it.</summary>
    [Fact]
    public async Task A_group_that_begins_at_the_end_has_begun_in_every_partition()
    {
        Create(partitions: 2);
        Produce(partition: 0, 0, 10);
        await using var monitor = await StartAsync(("Kafka:StartFrom", "latest"));
        await monitor.UntilAsync("begun", () => Task.FromResult((Committed(0), Committed(1)) == (10, 0)));
        Assert.Equal(0, await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\""));
    }

    /// <summary>What stage 2 is to resume from is gone: the registers of panes that were not settled.</summary>
    [Fact]
    public async Task Registers_deleted_before_a_successor_reads_them_are_counted_and_their_windows_not_ready()
    {
        Create(partitions: 1);
        Produce(partition: 0, 0, 100);
        await using (var first = await StartAsync())
        {
            await ReadAsync(first, 100);
            await ShownAsync(first, toSeconds: 100, last: 99);
            await ReadyAsync(first);
        }

        using (var consumer = Consumer())
        {
            _broker.DeleteRecords(
                "panes", 0, consumer.QueryWatermarkOffsets(new TopicPartition("panes", 0), TimeSpan.FromSeconds(30)).High);
        }

        Produce(partition: 0, 100, 5);
        var unread = 105 - (int)Committed(0);
        await using var second = await StartAsync();
        await ReadAsync(second, unread);
        await ShownAsync(second, toSeconds: 105, last: 104);
        Assert.Equal(1, await GapsAsync(second, "panes"));
        Assert.InRange(await LostAsync(second, "panes"), 1, double.MaxValue);
        Assert.Equal(0, await second.ValueAsync("driftmonitor_window_ready", "window=\"1m\"", M0));
    }

    /// <summary>The join has read a second log of predictions and one of labels, whose positions stand in its store.</summary>
    [Fact]
    public async Task Labels_and_predictions_deleted_before_the_join_reads_them_are_counted()
    {
        var store = Directory.CreateTempSubdirectory("driftmonitor-test-");
        try
        {
            Create(partitions: 1);
            _broker.CreateTopic("labels", 1);
            _broker.CreateTopic("panes.feedback", 1);
            (string, string)[] settings = [("Feedback:Topic", "labels"), ("Feedback:Directory", store.FullName)];
            Produce(partition: 0, 0, 20);
            Produce(partition: 0, 0, 20, "labels");
            await using (var first = await StartAsync(settings))
            {
                await first.UntilAsync("matched", async () => await first.ValueAsync("driftmonitor_feedback_matched_total") == 20, Pass);
            }

            Produce(partition: 0, 20, 30);
            Produce(partition: 0, 20, 30, "labels");
            _broker.DeleteRecords("predictions", 0, 30);
            _broker.DeleteRecords("labels", 0, 35);
            var lostByTheLanes = 30 - Committed(0);
            await using var second = await StartAsync(settings);
            await second.UntilAsync("matched", async () => await second.ValueAsync("driftmonitor_feedback_matched_total") == 15, Pass);

            Assert.Equal((15, 1), (await LostAsync(second, "labels"), await GapsAsync(second, "labels")));
            Assert.Equal((10 + lostByTheLanes, 2), (await LostAsync(second), await GapsAsync(second))); // the join had read all 20
        }
        finally
        {
            store.Delete(recursive: true);
        }
    }

    public void Dispose() => _broker.Dispose();

    private void Create(int partitions)
    {
        _broker.CreateTopic("predictions", partitions);
        _broker.CreateTopic("panes", 1);
        _broker.CreateTopic("panes.rollups", 1);
        _broker.CreateTopic("panes.status", 1);
        _broker.CreateTopic("panes.calibrations", 1);
        _broker.CreateTopic("panes.references", 1);
    }

    /// <summary>Lets every fetch fail, and waits until none that could still succeed is on its way.</summary>
    private async Task StopFetchesAsync(RunningMonitor monitor)
    {
        const int many = 10_000;
        _broker.PushRequestErrors(Fetch, Enumerable.Repeat(ErrorCode.KafkaStorageError, many).ToArray());
        _broker.TrackRequests();
        await monitor.UntilAsync(
            "fetches have failed", () => Task.FromResult(_broker.TrackedRequests().Count(request => request == Fetch) > 20));
    }

    private Task<RunningMonitor> StartAsync(params (string Key, string Value)[] settings) => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:group.protocol"] = "consumer", // rejoining a classic group takes the embedded broker a session's timeout
            ["Windows:Spans"] = "10s/1s, 1m/1s",
            ["Windows:AllowedLateness"] = "1s",
            ["Windows:AllowedSkew"] = "1s",
            ["Windows:DisorderSlack"] = "1s",
            ["Divergence:MinimumEvents"] = "1",
            ["Divergence:Trailing"] = "false",
        },
        _log,
        services => services.AddSingleton(new TopicIds(_ => Task.FromResult(_ids), _time, NullLogger<TopicIds>.Instance)));

    /// <summary>Record i has the timestamp i seconds.</summary>
    private void Produce(int partition, int from, int count, string topic = "predictions")
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        foreach (var i in Enumerable.Range(from, count))
        {
            producer.Produce(new TopicPartition(topic, partition), new Message<Null, string>
            {
                Value = topic == "labels"
                    ? string.Create(CultureInfo.InvariantCulture, $$"""{"model":"m{{partition}}","id":"{{i}}","label":1}""")
                    : string.Create(CultureInfo.InvariantCulture, $$"""{"model":"m{{partition}}","id":"{{i}}","probs":[0.25,0.75]}"""),
                Timestamp = new Timestamp(Begin.AddSeconds(i)),
            });
        }

        producer.Flush(TestContext.Current.CancellationToken);
        _time.SetUtcNow(new[] { _time.GetUtcNow(), Begin.AddSeconds(from + count - 1) }.Max()); // nothing is from the future
    }

    private void Commit(long offset, int partition = 0)
    {
        using var consumer = Consumer();
        consumer.Commit([new TopicPartitionOffset("predictions", partition, offset)]);
    }

    private long Committed(int partition)
    {
        using var consumer = Consumer();
        return consumer.Committed([new TopicPartition("predictions", partition)], TimeSpan.FromSeconds(30)).Single().Offset;
    }

    private IConsumer<Ignore, Ignore> Consumer() =>
        new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "driftmonitor" }).Build();

    private Task ReadAsync(RunningMonitor monitor, int records) => monitor.UntilAsync(
        $"{records} records read",
        async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", "topic=\"predictions\"") == records, Pass);

    /// <summary>
    /// Lets time pass until windows are shown that end then, with all events up to the last, one a second. A window that is shown before
    /// its panes have travelled keeps what it had: then until those of a second later.
    /// </summary>
    private Task ShownAsync(RunningMonitor monitor, int toSeconds, int last)
    {
        const int patience = 30;
        var (to, looks) = (toSeconds, 0);
        Reach();
        return monitor.UntilAsync(
            $"windows with the event of {last} s",
            async () =>
            {
                if (
                    await monitor.ValueAsync(
                        "driftmonitor_window_end_timestamp_seconds", "window=\"10s\"", M0) < Begin.AddSeconds(to).ToUnixTimeSeconds())
                {
                    return false;
                }

                if (await monitor.ValueAsync("driftmonitor_window_events", "window=\"10s\"", M0) == Math.Min(10, last - to + 11))
                {
                    return true;
                }

                if (++looks % patience == 0)
                {
                    to++;
                    Reach();
                }

                return false;
            },
            Pass);

        void Reach() => _time.SetUtcNow(Begin.AddSeconds(to).AddMilliseconds(100));
    }

    /// <summary>Waits until the minute is ready: the lane's word that it has read so far may come after the panes.</summary>
    private Task ReadyAsync(RunningMonitor monitor) => monitor.UntilAsync(
        "a minute that is ready", async () => await monitor.ValueAsync("driftmonitor_window_ready", "window=\"1m\"", M0) == 1, Pass);

    private void Pass() => _time.Advance(TimeSpan.FromMilliseconds(1));

    private static Task<double> LostAsync(RunningMonitor monitor, string topic = "predictions") =>
        monitor.ValueAsync("driftmonitor_records_lost_total", $"topic=\"{topic}\"");

    private static Task<double> GapsAsync(RunningMonitor monitor, string topic = "predictions") =>
        monitor.ValueAsync("driftmonitor_log_gaps_total", $"topic=\"{topic}\"");
}
