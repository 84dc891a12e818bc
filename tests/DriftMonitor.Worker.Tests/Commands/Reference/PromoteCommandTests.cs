using System.Globalization;
using System.Text;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Commands.Reference;

/// <summary><c>reference promote</c> from topics of two models and their labels.</summary>
public sealed class PromoteCommandTests : IDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;
    private const int Events = 400;
    private const string Since = "2026-01-01T00:01:00Z";
    private const string Until = "2026-01-01T01:00:00Z";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-promoted-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();

    public PromoteCommandTests()
    {
        _broker.CreateTopic("predictions", 2);
        _broker.CreateTopic("labels", 2);
        _broker.CreateTopic("panes.references", 1);
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, Partitioner = Partitioner.Murmur2Random }).Build();
        for (var i = 0; i < Events; i++)
        {
            var at = Start.AddSeconds(10 * i);
            foreach (var model in (string[])["m", "other"])
            {
                var p = (20 + (i * 7 % 60)) / 100.0;
                var id = $"\"model\":\"{model}\",\"id\":\"{i}\"";
                var probs = string.Create(CultureInfo.InvariantCulture, $"{{\"yes\":{p},\"no\":{1 - p}}}");
                Produce("predictions", i, at, $$"""{{{id}},"segment":"s{{i % 2}}","probs":{{probs}}}""");
                Produce("predictions", i, at, """{"model":"ltv","score":0.5}"""); // what is wrong with others does not matter
                Produce("labels", i, at.AddSeconds(30), $$"""{{{id}},"label":"{{(i % 3 == 0 ? "yes" : "no")}}"}""");
            }
        }

        producer.Flush(TimeSpan.FromSeconds(30));

        void Produce(string topic, int key, DateTimeOffset at, string value) => producer.Produce(topic, new Message<byte[], byte[]>
        {
            Key = BitConverter.GetBytes(key),
            Value = Encoding.UTF8.GetBytes(value),
            Timestamp = new Timestamp(at),
        });
    }

    [Fact]
    public async Task It_pushes_what_reference_build_builds_of_the_same_range()
    {
        var built = await DriftMonitorConsole.RunAsync(
            "reference", "build", "--topic", "predictions", "--feedback-topic", "labels", "--horizon", "1h", "--from", Since, "--to", Until,
            "--brokers", _broker.BootstrapServers, "--client", "fetch.wait.max.ms=10", "--output", _files.FullName);
        Assert.Equal((0, ""), (built.ExitCode, built.Error));
        var expected = ReferenceFile.Read(Path.Combine(_files.FullName, "m-v1.json"));
        Assert.NotNull(expected.Losses);
        File.Delete(Path.Combine(_files.FullName, "other-v1.json"));

        var dry = await PromoteAsync("--dry-run", "--Feedback:Topic=labels");
        Assert.Equal((0, ""), (dry.Code, dry.Error));
        Assert.Contains($"m version 1, id {expected.Id}, 354 events over 2 classes, 354 labels, not pushed", dry.Output, Ordinal);
        Assert.DoesNotContain(expected.Id, await ListAsync(), Ordinal);

        var (code, output, error) = await PromoteAsync("--Feedback:Topic=labels", $"--References:Directory={_files.FullName}");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith(
            $"predictions from 2026-01-01 00:01:00Z to 2026-01-01 01:00:00Z: m version 2, id {expected.Id}, 354 events over 2 classes, "
            + "354 labels, pushed to panes.references [[0]] @0",
            output, Ordinal);
        Assert.Contains("warning: the reference of m covers ", output, Ordinal);
        Assert.Contains("rejected records: none", output, Ordinal);
        Assert.Contains("397 labels, 354 matched, 43 never_matched", output, Ordinal); // of this model alone
        Assert.DoesNotContain("other", output, Ordinal);
        Assert.DoesNotContain("no baseline", output, Ordinal);
        Assert.Matches($" m +2 +{expected.Id} .* in use", await ListAsync());

        var again = await PromoteAsync("--Feedback:Topic=labels");
        Assert.Contains(
            $"m version 2, id {expected.Id}, 354 events over 2 classes, 354 labels, in use already, so nothing was pushed", again.Output,
            Ordinal);
    }

    [Fact]
    public async Task Without_labels_it_says_which_thresholds_fall_back()
    {
        var (code, output, error) = await PromoteAsync();

        Assert.Equal((0, ""), (code, error));
        Assert.Contains(
            "no baseline of labels: the service has no topic of labels. So cross-entropy has its fixed thresholds alone "
            + "(Alarms:CrossEntropyWarningNats and CrossEntropyCriticalNats, 0 for none), and accuracy has none",
            output, Ordinal);
        Assert.DoesNotContain("labels,", output, Ordinal);
    }

    [Theory]
    [InlineData("no line is a prediction of nobody that a reference can be built of (none)", "nobody", "--since", Since)]
    [InlineData("--since: must be earlier than --until, and than now", "m", "--since", Until, "--until", Since)]
    [InlineData("--since", "m")]
    [InlineData("model: must be given", "--since", Since)]
    [InlineData("--topic: must be given, since m may be in several topics of predictions: a, b", "m", "--since", Since,
        "--Kafka:PredictionTopics=a,b=other")]
    [InlineData("--topic = 'c': must be a topic of predictions of the service: a, b", "m", "--since", Since, "--topic", "c",
        "--Kafka:PredictionTopics=a,b")]
    [InlineData("topic b does not exist on ", "m", "--since", Since, "--Kafka:PredictionTopics=a,b=m")]
    [InlineData("there is no topic others.references on ", "m", "--since", Since, "--Kafka:PanesTopic=others")]
    public async Task What_is_wrong_is_told_in_a_line_and_nothing_is_written(string said, params string[] arguments)
    {
        var (code, output, error) = await RunAsync("promote", arguments);

        Assert.Equal((1, ""), (code, output.Split('\n').FirstOrDefault(line => line.Contains("pushed", Ordinal)) ?? ""));
        Assert.Contains(said, error, Ordinal);
        Assert.DoesNotContain("topic ", await ListAsync(), Ordinal);
    }

    [Fact]
    public async Task What_somebody_pushed_during_the_building_is_not_overwritten()
    {
        var settings = ConfigurationReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:fetch.wait.max.ms"] = "10",
        }).Build());
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(WallClock.NowMs));
        var promotion = new LivePromotion(
            settings, "m", Start.AddMinutes(1).ToUnixTimeMilliseconds(), Start.AddHours(1).ToUnixTimeMilliseconds(), topic: null);
        var before = PushedTopic.Read(settings, time, "m");
        var built = promotion.Build(before, time.GetUtcNow(), records => records, _ => { }).Snapshots.Single();
        Assert.Equal(1, built.Version);
        Assert.Equal(0, (await RunAsync("promote", "m", "--since", Since, "--until", "2026-01-01T00:30:00Z")).Code);

        var refused = await Assert.ThrowsAsync<InvalidConfigurationException>(() => promotion.PushAsync(
            built, LivePromotion.Record(built), PushedTopic.Read(settings, time, "m"), "ops"));

        Assert.Equal(["version 1 of m was pushed meanwhile: ask again"], refused.Problems);
        Assert.DoesNotContain(built.Id, await ListAsync(), Ordinal);
    }

    public void Dispose()
    {
        _broker.Dispose();
        _files.Delete(recursive: true);
    }

    private Task<(int Code, string Output, string Error)> PromoteAsync(params string[] arguments) =>
        RunAsync("promote", ["m", "--since", Since, "--until", Until, .. arguments]);

    private async Task<string> ListAsync() => (await RunAsync("list")).Output;

    private async Task<(int Code, string Output, string Error)> RunAsync(string verb, params string[] arguments) =>
        await DriftMonitorConsole.RunAsync(
        [
            "reference", verb, "--Kafka:PanesTopic=panes", $"--Kafka:BootstrapServers={_broker.BootstrapServers}",
            "--Kafka:PredictionTopics=predictions", "--Kafka:Client:fetch.wait.max.ms=10", .. arguments,
        ]);
}
