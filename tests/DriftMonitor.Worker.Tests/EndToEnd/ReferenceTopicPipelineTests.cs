using System.Text;
using Confluent.Kafka;
using DriftMonitor.References;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Commands;
using DriftMonitor.Worker.Tests.References;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>References are pushed, undone and refused by the real commands and the whole service.</summary>
public sealed class ReferenceTopicPipelineTests : IDisposable
{
    private const string Topic = "panes.references";

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-pushed-");
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-references-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(WallClock.NowMs));
    private readonly LogLines _log = new();

    public ReferenceTopicPipelineTests()
    {
        string[] topics = ["predictions", "panes", "panes.rollups", "panes.status", "panes.calibrations", Topic];
        Array.ForEach(topics, topic => _broker.CreateTopic(topic, 1));
    }

    [Fact]
    public async Task What_is_pushed_is_in_use_on_every_replica_and_after_a_restart_until_it_is_undone()
    {
        var (first, second) = (SmallSnapshot.Of(version: 3, shares: [0.5]), SmallSnapshot.Of(version: 7, shares: [0.25]));
        await using (var one = await StartAsync())
        {
            await using var other = await StartAsync();
            Assert.Equal("", await InUseAsync(one));

            var pushed = await RunAsync("push", Written(first));
            Assert.Equal((0, ""), (pushed.Code, pushed.Error));
            Assert.Contains($"m version 3, id {first.Id}, 1 events over 2 classes, pushed to {Topic} [[0]] @0", pushed.Output, Ordinal);
            await UsesAsync(one, first);
            await UsesAsync(other, first);

            Assert.Equal(0, (await RunAsync("push", Written(second))).Code);
            await UsesAsync(one, second);
            await UsesAsync(other, second);

            var undone = await RunAsync("undo", "m");
            Assert.Equal((0, ""), (undone.Code, undone.Error));
            Assert.Equal(
                [$"m version 7, id {second.Id}: undone", $"in use: m version 3, id {first.Id}, 1 events over 2 classes"],
                undone.Output.Trim().Split('\n'));
            await UsesAsync(one, first);
            await UsesAsync(other, first);
        }

        await using var restarted = await StartAsync();
        await UsesAsync(restarted, first);
        var rows = (await RunAsync("list")).Output.Split('\n').Where(line => line.Contains(" m ", Ordinal)).ToArray();
        Assert.Collection(
            rows,
            row => Assert.Matches($@"7 +{second.Id} +2026-01-01 00:00:00Z? +1 +topic +undone 20", row),
            row => Assert.Matches($@"3 +{first.Id} +2026-01-01 00:00:00Z? +1 +topic +in use", row));

        Assert.Equal(0, (await RunAsync("push", Written(second))).Code);
        await UsesAsync(restarted, second);
        Assert.Equal(0, (await RunAsync("undo", "m")).Code);
        var last = await RunAsync("undo", "m");
        Assert.Contains("m has no reference any more: its windows are compared with nothing", last.Output, Ordinal);
        await restarted.UntilAsync("none is in use", async () => await InUseAsync(restarted) == "");
        Assert.Contains(
            "model = 'm': panes.references has no reference of this model, or all of them are undone already",
            (await RunAsync("undo", "m")).Error, Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_counted_and_told_and_what_was_in_use_stays()
    {
        var good = SmallSnapshot.Of(version: 1);
        Assert.Equal(0, (await RunAsync("push", Written(good))).Code);
        await using var monitor = await StartAsync();
        await UsesAsync(monitor, good);
        Assert.Equal(0, await RefusedAsync(monitor));

        await ProduceAsync("m/2", Encoding.UTF8.GetBytes("what is this"));
        await RefusesAsync(monitor, 1, "@1: it is no record of a reference");
        await ProduceAsync("m/3", ReferenceRecord.Create(good, Bytes(good)).Value());
        await RefusesAsync(monitor, 2, "@2: its key is 'm/3', and its snapshot m version 1");
        var edited = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Bytes(good)).Replace("\"events\":2", "\"events\":3", Ordinal));
        await ProduceAsync("m/1", ReferenceRecord.Create(good, edited).Value()); // in its place
        await RefusesAsync(monitor, 3, "so the file was changed after it was made");
        await ProduceAsync("no version", [1]);
        await RefusesAsync(monitor, 4, "@4: its key 'no version' is not MODEL/VERSION");
        await UsesAsync(monitor, good);
        Assert.Equal(
            2, await monitor.ValueAsync("driftmonitor_records_rejected_total", $"topic=\"{Topic}\"", "reason=\"malformed\""));
        Assert.Contains("refused: panes.references", (await RunAsync("list")).Output, Ordinal);

        await ProduceAsync("no version", null);
        Assert.Contains("m version 3: undone", (await RunAsync("undo", "m")).Output, Ordinal);
        Assert.Contains("m version 2: undone", (await RunAsync("undo", "m")).Output, Ordinal);
        await ProduceAsync("m/1", ReferenceRecord.Create(good, Bytes(good)).Value());
        await monitor.UntilAsync("none is refused", async () => await RefusedAsync(monitor) == 0);
        await UsesAsync(monitor, good);
    }

    [Fact]
    public async Task Of_the_directory_and_the_topic_the_highest_version_is_used_and_two_of_one_version_are_told()
    {
        var file = SmallSnapshot.Of(version: 2, shares: [0.5]);
        ReferenceFile.Write(file, Path.Combine(_directory.FullName, "m.json"));
        await using var monitor = await StartAsync();
        await UsesAsync(monitor, file);

        var hidden = await RunAsync("push", Written(SmallSnapshot.Of(version: 1, shares: [0.25])));
        Assert.Contains($"in use: m version 2, id {file.Id}, 1 events over 2 classes, of the references directory", hidden.Output, Ordinal);
        var rival = SmallSnapshot.Of(version: 2, shares: [0.125]);
        await RunAsync("push", Written(rival));
        await monitor.UntilAsync("it is counted", async () => await RefusedAsync(monitor) == 1);
        Assert.Contains(_log.All, line => line.StartsWith("Warning: model m has two references of version 2, ", Ordinal));

        var higher = SmallSnapshot.Of(version: 3, shares: [0.75]);
        await RunAsync("push", Written(higher));
        await UsesAsync(monitor, higher);
        Assert.Equal(0, await RefusedAsync(monitor));
    }

    [Fact]
    public async Task What_cannot_be_pushed_is_told_and_nothing_is_written()
    {
        var (one, same) = (Written(SmallSnapshot.Of(version: 4)), Written(SmallSnapshot.Of(version: 4, shares: [0.25])));
        Assert.Equal(0, (await RunAsync("push", one)).Code);
        Assert.Equal(0, (await RunAsync("push", one)).Code); // again: it is there

        await FailsAsync("m has version 4 in panes.references already: build it with --snapshot-version 5", "push", same);
        await FailsAsync(
            "m has version 5 in panes.references already", "push", Written(SmallSnapshot.Of(version: 5)),
            Written(SmallSnapshot.Of(version: 5)));
        await FailsAsync("file: must be given", "push");
        await FailsAsync("none.json", "push", "none.json");
        await FailsAsync("model: must be given", "undo");
        await FailsAsync(
            "more: is neither an option of this command nor a setting; a setting has the form --Section:Name=value", "undo", "m", "more");
        await FailsAsync("there is no topic others.references on ", "list", "--Kafka:PanesTopic=others");
        Assert.Equal(2, End());
    }

    [Fact]
    public async Task The_last_ten_versions_are_kept()
    {
        for (var version = 1; version <= 12; version++)
        {
            Assert.Equal(0, (await RunAsync("push", Written(SmallSnapshot.Of(version: version)))).Code);
        }

        var rows = (await RunAsync("list")).Output.Split('\n').Where(line => line.Contains(" m ", Ordinal)).ToArray();
        Assert.Equal(10, rows.Length);
        Assert.Matches(" 12 .* in use", rows[0]);
        Assert.Matches(" 3 ", rows[^1]);
    }

    public void Dispose()
    {
        _broker.Dispose();
        _files.Delete(recursive: true);
        _directory.Delete(recursive: true);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static byte[] Bytes(ReferenceSnapshot snapshot)
    {
        using var file = new MemoryStream();
        ReferenceFile.Write(snapshot, file);
        return file.ToArray();
    }

    private static Task<double> RefusedAsync(RunningMonitor monitor) =>
        monitor.ValueAsync("driftmonitor_references_refused", "source=\"topic\"");

    private static async Task<string> InUseAsync(RunningMonitor monitor) => string.Join('\n', (await monitor.ScrapeAsync()).Split('\n')
        .Where(line => line.StartsWith("driftmonitor_reference_info{", Ordinal)));

    private static Task UsesAsync(RunningMonitor monitor, ReferenceSnapshot snapshot) => monitor.UntilAsync(
        $"version {snapshot.Version} is in use",
        async () => (await InUseAsync(monitor)).Contains($"reference_id=\"{snapshot.Id}\",version=\"{snapshot.Version}\"", Ordinal));

    private async Task RefusesAsync(RunningMonitor monitor, int references, string why)
    {
        await monitor.UntilAsync($"{references} are refused", async () => await RefusedAsync(monitor) == references);
        Assert.Contains(_log.All, line => line.StartsWith("Error: reference refused", Ordinal) && line.Contains(why, Ordinal));
    }

    private async Task FailsAsync(string why, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(why, error, Ordinal);
    }

    private string Written(ReferenceSnapshot snapshot)
    {
        var path = Path.Combine(_files.FullName, $"{Guid.NewGuid():N}.json");
        ReferenceFile.Write(snapshot, path);
        return path;
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string verb, params string[] arguments) =>
        await RunAsync([verb, .. arguments]);

    private Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments) => DriftMonitorConsole.RunAsync(
        [
            "reference", .. arguments.Take(1), "--Kafka:PanesTopic=panes", $"--Kafka:BootstrapServers={_broker.BootstrapServers}",
            "--Kafka:Client:fetch.wait.max.ms=10", $"--References:Directory={_directory.FullName}", .. arguments.Skip(1),
        ]);

    private async Task ProduceAsync(string key, byte[]? value)
    {
        using var producer = new ProducerBuilder<byte[], byte[]?>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        await producer.ProduceAsync(
            Topic, new Message<byte[], byte[]?> { Key = Encoding.UTF8.GetBytes(key), Value = value },
            TestContext.Current.CancellationToken);
    }

    private long End()
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(
            new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "count" }).Build();
        return consumer.QueryWatermarkOffsets(new TopicPartition(Topic, 0), TimeSpan.FromSeconds(30)).High.Value;
    }

    private Task<RunningMonitor> StartAsync() => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:Client:group.protocol"] = "consumer", // a rebalance takes 0.1 s
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Windows:Spans"] = "10s/1s",
            ["References:Directory"] = _directory.FullName,
        },
        _log);
}
