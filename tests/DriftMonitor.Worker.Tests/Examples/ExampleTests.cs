using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Examples;

/// <summary>
/// One file of payloads for each family of models, through the whole service: what <c>/metrics</c> says against values worked out by hand.
/// The files beside this one are the examples of what to send.
/// </summary>
public sealed class ExampleTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private const double Ln2 = 0.6931471805599453;
    private const string Forward = "direction=\"live_vs_reference\"";
    private const string Backward = "direction=\"reference_vs_live\"";
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly DirectoryInfo _references = Directory.CreateTempSubdirectory("driftmonitor-test-");

    /// <summary>
    /// Two mails at 3 : 1 and 1 : 3, by names and as logits 0 and ln 3, average to (½, ½); the reference's to (0.6, 0.4).
    /// </summary>
    [Fact]
    public Task A_classifier() => AgreesAsync(
        "classifier",
        "spam-filter",
        ("window_events", 2, []),
        ("window_events", 1, ["segment=\"mail=work\""]),
        ("entropy_nats", Ln2, []),
        ("kl_divergence_nats", 0.5 * Math.Log(0.5 / 0.6) + 0.5 * Math.Log(0.5 / 0.4), [Forward]),
        ("kl_divergence_nats", 0.6 * Math.Log(1.2) + 0.4 * Math.Log(0.8), [Backward]));

    /// <summary>
    /// The reference's ten scores, 0.05 to 0.95, make nine bins between them, the last one closed with two; with one below, one above and
    /// one for NaN there are 12. Live scores fall into the first, the last, above and NaN: half of them where the reference has nothing.
    /// With one pseudo-event (q̃ = (R + 1/12)/11, p̃ = (S + q̃)/5) both divergences are finite.
    /// </summary>
    [Fact]
    public Task A_fraud_score()
    {
        double Q(double count) => (count + (1 / 12.0)) / 11;
        double P(double count, double reference) => (count + Q(reference)) / 5;
        var bins = (from bin in Enumerable.Range(0, 12)
                    let reference = bin is 0 or > 9 ? 0 : bin == 9 ? 2 : 1
                    let live = bin is 1 or >= 9 ? 1 : 0
                    select (P: P(live, reference), Q: Q(reference))).ToArray();
        return AgreesAsync(
            "fraud-score",
            "fraud",
            pseudoEvents: 1,
            ("window_events", 4, []),
            ("unseen_mass_ratio", 0.5, []),
            ("kl_divergence_nats", bins.Sum(bin => bin.P * Math.Log(bin.P / bin.Q)), [Forward]),
            ("kl_divergence_nats", bins.Sum(bin => bin.Q * Math.Log(bin.Q / bin.P)), [Backward]));
    }

    /// <summary>
    /// Rewards that differ by ln 3 and −ln 3 mean σ = ¾ and ¼, ½ on average; ln 4 in the reference means 0.8. KL(½‖0.8) = −½ ln(4 · 0.8 ·
    /// 0.2).
    /// </summary>
    [Fact]
    public Task A_reward_model() => AgreesAsync(
        "reward-model",
        "reward",
        ("window_events", 2, []),
        ("entropy_nats", Ln2, []),
        ("kl_divergence_nats", -0.5 * Math.Log(0.64), [Forward]),
        ("kl_divergence_nats", 0.8 * Math.Log(1.6) + 0.2 * Math.Log(0.4), [Backward]));

    /// <summary>
    /// Hard preferences A, A, B, tie are (½, ¼, ¼); the reference's average to (¼, ¼, ½). Both directions come to ¼ ln 2.
    /// </summary>
    [Fact]
    public Task A_preference_model() => AgreesAsync(
        "preference-model",
        "preference",
        ("window_events", 4, []),
        ("entropy_nats", 1.5 * Ln2, []),
        ("kl_divergence_nats", 0.25 * Ln2, [Forward]),
        ("kl_divergence_nats", 0.25 * Ln2, [Backward]));

    /// <summary>
    /// Of four outputs, by name, as the names of those that hold, and by position in the reference's order, insult has ⅜, spam ½, threat ¼
    /// and toxic ¾; in the reference ¼, ¾, ½ and ¼. The divergence is the sum of those of each class and its complement.
    /// </summary>
    [Fact]
    public Task A_moderation_model_of_which_several_classes_may_hold()
    {
        (double P, double Q)[] classes = [(0.375, 0.25), (0.5, 0.75), (0.25, 0.5), (0.75, 0.25)];
        double Bernoulli(double p, double q) => (p * Math.Log(p / q)) + ((1 - p) * Math.Log((1 - p) / (1 - q)));
        return AgreesAsync(
            "moderation",
            "moderation",
            ("window_events", 4, []),
            ("entropy_nats", classes.Sum(of => -(of.P * Math.Log(of.P)) - ((1 - of.P) * Math.Log(1 - of.P))), []),
            ("kl_divergence_nats", classes.Sum(of => Bernoulli(of.P, of.Q)), [Forward]),
            ("kl_divergence_nats", classes.Sum(of => Bernoulli(of.Q, of.P)), [Backward]),
            ("kl_contribution_nats", Bernoulli(0.75, 0.25), ["class=\"toxic\""]),
            ("class_share_ratio", 0.25, ["class=\"threat\"", "distribution=\"live\""]),
            ("class_share_ratio", 0.5, ["class=\"threat\"", "distribution=\"reference\""]));
    }

    /// <summary>
    /// The new policy (½, ½) against the old (¼, ¾), and against itself: KL(old‖new) = ¼ ln ½ + ¾ ln 1.5 and 0. Of two values x and 0 the
    /// mean is x/2, and so is its standard error: s² = x²/2, s/√2 = x/2.
    /// </summary>
    [Fact]
    public Task A_ppo_policy()
    {
        var oldVsNew = (0.25 * Math.Log(0.5)) + (0.75 * Math.Log(1.5));
        var newVsOld = (0.5 * Math.Log(2)) + (0.5 * Math.Log(2 / 3.0));
        return AgreesAsync(
            "ppo-policy",
            "ppo",
            ("window_events", 2, []),
            ("entropy_nats", Ln2, []),
            ("policy_events", 2, []),
            ("policy_clamped_events", 0, []),
            ("policy_kl_nats", oldVsNew / 2, [Backward, "estimator=\"exact\""]),
            ("policy_kl_stderr_nats", oldVsNew / 2, [Backward, "estimator=\"exact\""]),
            ("policy_kl_nats", newVsOld / 2, [Forward, "estimator=\"exact\""]),
            ("policy_kl_stderr_nats", newVsOld / 2, [Forward, "estimator=\"exact\""]));
    }

    /// <summary>
    /// The twenty most probable tokens at 1/64 each leave 44/64 to the rest, at 1/32 in the reference 12/32. Of two responses one has ln r
    /// = −ln 2 and ln 2 at its tokens (k1 0, k2 ½ ln² 2, k3 ¼ on average), the other 0; so means are halves, and as large as their standard
    /// errors.
    /// </summary>
    [Fact]
    public Task An_rlhf_policy_served_by_a_language_model() => AgreesAsync(
        "rlhf-policy",
        "rlhf",
        ("window_events", 1, []),
        ("kl_divergence_nats", 20 / 64.0 * Math.Log(0.5) + 44 / 64.0 * Math.Log(44 / 24.0), [Forward]),
        ("kl_divergence_nats", 20 / 32.0 * Math.Log(2) + 12 / 32.0 * Math.Log(24 / 44.0), [Backward]),
        ("unseen_mass_ratio", 0, []),
        ("policy_events", 2, []),
        ("policy_kl_nats", 0, [Forward, "estimator=\"k1\""]),
        ("policy_kl_nats", Ln2 * Ln2 / 4, [Forward, "estimator=\"k2\""]),
        ("policy_kl_nats", 0.125, [Forward, "estimator=\"k3\""]),
        ("policy_kl_stderr_nats", 0, [Forward, "estimator=\"k1\""]),
        ("policy_kl_stderr_nats", Ln2 * Ln2 / 4, [Forward, "estimator=\"k2\""]),
        ("policy_kl_stderr_nats", 0.125, [Forward, "estimator=\"k3\""]));

    public void Dispose() => _references.Delete(recursive: true);

    private Task AgreesAsync(string family, string model, params (string Metric, double Value, string[] Labels)[] expected) =>
        AgreesAsync(family, model, pseudoEvents: 0, expected);

    private async Task AgreesAsync(
        string family, string model, int pseudoEvents, params (string Metric, double Value, string[] Labels)[] expected)
    {
        var good = RepositoryFiles.Example($"{family}.reference.jsonl");
        if (File.Exists(good))
        {
            var reference = ReferenceFromPredictions.Build(good, null, null, 1, Start).Snapshots.Single();
            ReferenceFile.Write(reference, Path.Combine(_references.FullName, "reference.json"));
        }

        var predictions = await broker.CreateTopicAsync(family, 2);
        var time = new FakeTimeProvider(Start.AddSeconds(5));
        await using var monitor = await RunningMonitor.StartAsync(time, new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:GroupId"] = $"group-{Guid.NewGuid():N}",
            ["Kafka:PredictionTopics"] = predictions,
            ["Kafka:PanesTopic"] = await broker.CreatePanesTopicAsync(1),
            ["Windows:Spans"] = "1m/1m",
            ["Divergence:PseudoEvents"] = $"{pseudoEvents}",
            ["Divergence:MinimumEvents"] = "1",
            ["References:Directory"] = _references.FullName,
        });
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Example($"{family}.jsonl"), TestContext.Current.CancellationToken);
        Produce(predictions, lines);
        await monitor.UntilAsync(
            "read and published",
            async () => await monitor.ValueAsync("driftmonitor_records_consumed_total", $"topic=\"{predictions}\"") == lines.Length,
            () => time.Advance(TimeSpan.FromMilliseconds(50)));
        Assert.DoesNotContain((await monitor.ScrapeAsync()).Split('\n'), line =>
            line.StartsWith("driftmonitor_records_rejected_total{", StringComparison.Ordinal)
                && !line.EndsWith(" 0", StringComparison.Ordinal));

        time.SetUtcNow(Start.AddSeconds(61));
        string[] Labels(string[] more) => [
            $"model=\"{model}\"", .. more,
            .. more.Any(label => label.StartsWith("segment", StringComparison.Ordinal)) ? [] : new[] { "segment=\"_all\"" }];
        await monitor.UntilAsync(
            "the window",
            async () =>
            {
                var all = true;
                // each segment's pane is a message of its own
                foreach (var (metric, value, labels) in expected.Where(each => each.Metric == "window_events"))
                {
                    all &= await monitor.ValueAsync($"driftmonitor_{metric}", Labels(labels)) == value;
                }

                return all;
            },
            () => time.Advance(TimeSpan.FromMilliseconds(50)));
        foreach (var (metric, value, labels) in expected)
        {
            Assert.Equal(value, await monitor.ValueAsync($"driftmonitor_{metric}", Labels(labels)), 1e-9);
        }

        Assert.Equal(1, await monitor.ValueAsync("driftmonitor_window_ready", Labels([])));
    }

    /// <summary>Over both partitions, each record with the event's own time as its timestamp.</summary>
    private void Produce(string topic, string[] lines)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        for (var i = 0; i < lines.Length; i++)
        {
            using var json = JsonDocument.Parse(lines[i]);
            producer.Produce(new TopicPartition(topic, i % 2), new Message<string, byte[]>
            {
                Key = json.RootElement.GetProperty("id").GetString()!,
                Value = Encoding.UTF8.GetBytes(lines[i]),
                Timestamp = new Timestamp(json.RootElement.GetProperty("ts").GetInt64(), TimestampType.CreateTime),
            });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
