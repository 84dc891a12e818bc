using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Kafka</c>.</summary>
internal sealed class KafkaOptions
{
    /// <summary>The brokers to ask first: <c>host:port</c>, several separated by commas.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Replicas with the same group share the work.</summary>
    public string GroupId { get; set; } = "driftmonitor";

    /// <summary>
    /// A short form of <c>Sources</c>: topics to read predictions from, separated by commas; <c>topic=model</c> where producers do not name
    /// the model. Empty for <c>predictions</c> when no source has predictions.
    /// </summary>
    public string PredictionTopics { get; set; } = "";

    /// <summary>What the records of a topic in <see cref="PredictionTopics"/> are written in, where that is not <c>json</c>.</summary>
    public Dictionary<string, string> Formats { get; set; } = [];

    /// <summary>
    /// The topic between the two stages, created if missing; so are <c>….rollups</c>, which windows are restored from,
    /// <c>….calibrations</c>, which thresholds are, and <c>….references</c>, which references are pushed into.
    /// </summary>
    public string PanesTopic { get; set; } = "driftmonitor.panes";

    /// <summary>How many partitions the panes topic is created with: the most replicas that can share the series.</summary>
    public int PanesPartitions { get; set; } = 16;

    /// <summary>
    /// The format that our records are written in; 0 for the oldest that this version reads, so that a group can go back.
    /// </summary>
    public int PanesFormat { get; set; }

    /// <summary>Where a group without committed offsets begins: <c>earliest</c> or <c>latest</c>.</summary>
    public string StartFrom { get; set; } = "earliest";

    /// <summary>Any librdkafka property, for all clients.</summary>
    public Dictionary<string, string> Client { get; set; } = [];

    /// <summary>The topic of predictions if the user names none.</summary>
    internal const string DefaultTopic = "predictions";

    /// <summary>Topics and the models of their records, null for none, as written: names may be wrong, and a topic duplicated.</summary>
    public (string Topic, string? Model)[] TopicsAndModels() =>
    [
        .. from item in ValidationRules.Items(PredictionTopics)
           let parts = item.Split('=', 2, StringSplitOptions.TrimEntries)
           select (parts[0], parts is [_, var model] ? model : null),
    ];

    internal sealed class Validator : AbstractValidator<KafkaOptions>
    {
        private const int MaxPanesTopic = 236; // the calibrations topic's name is longer

        /// <summary>
        /// Properties that are settings of their own, or that the promises rest on: nothing is committed before its panes are acknowledged,
        /// and readiness follows from statistics.
        /// </summary>
        private static readonly HashSet<string> OurProperties = new(StringComparer.Ordinal)
        {
            "bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "enable.idempotence",
            "partitioner", "message.max.bytes", "auto.offset.reset", "partition.assignment.strategy", "statistics.interval.ms",
        };

        public Validator(Secrets secrets)
        {
            RuleFor(kafka => kafka.BootstrapServers).MustBe(text => text.Trim().Length > 0, "host:port, several separated by commas");
            RuleFor(kafka => kafka.GroupId).MustBe(text => text.Trim().Length > 0, "a consumer group's name");
            RuleFor(kafka => kafka.PanesTopic).MustBe(
                topic => ValidationRules.IsTopic(topic) && topic.Length <= MaxPanesTopic,
                $"a topic's name of at most {MaxPanesTopic} characters: letters, digits, '.', '_' and '-'");
            RuleFor(kafka => kafka.PanesPartitions).Between(1, 1_000);
            RuleFor(kafka => kafka.PanesFormat).MustBe(
                format => format == 0 || (format >= RecordFormat.OldestOf(RecordFormat.Current) && format <= RecordFormat.Current),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a format that this version writes, {RecordFormat.OldestOf(RecordFormat.Current)} to {RecordFormat.Current}"));
            RuleFor(kafka => kafka.StartFrom).MustBe(text => text is "earliest" or "latest", "earliest or latest");
            RuleFor(kafka => kafka).Custom((kafka, context) =>
            {
                CheckTopics(kafka, context);
                var theirs = kafka.Client.Where(property => !OurProperties.Contains(property.Key));
                foreach (var property in kafka.Client.Except(theirs))
                {
                    context.Problem($"Client:{property.Key}", null, "must be left out, DriftMonitor sets it itself");
                }

                foreach (var (property, problem) in ClientProperties.Problems(theirs))
                {
                    var nearest = ClientProperties.IsKnown(property) ? null
                        : UnknownSetting.Nearest("Kafka:Client:", property, ClientProperties.Known.Except(OurProperties));
                    context.Problem($"Client:{property}", null, secrets.Hide(problem) + (nearest is null ? "" : $"; {nearest}"));
                }
            });
        }

        private static void CheckTopics(KafkaOptions kafka, ValidationContext<KafkaOptions> context)
        {
            var topics = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (topic, model) in kafka.TopicsAndModels())
            {
                var item = model is null ? topic : $"{topic}={model}";
                if (!ValidationRules.IsTopic(topic) || model == "")
                {
                    context.Problem("PredictionTopics", kafka.PredictionTopics, $"'{item}' must be TOPIC or TOPIC=MODEL");
                }
                else if (!topics.Add(topic))
                {
                    context.Problem("PredictionTopics", kafka.PredictionTopics, $"topic {topic} may appear only once");
                }
                else
                {
                    context.Require("PredictionTopics", item, model is null || JsonNames.IsLabel(model), ModelOptions.NameAllowed);
                }
            }

            var isTopic = kafka.PredictionTopics.Length == 0 || kafka.TopicsAndModels().Length > 0;
            context.Require("PredictionTopics", kafka.PredictionTopics, isTopic, "at least one topic, several separated by commas");
            foreach (var (topic, text) in kafka.Formats)
            {
                if (topics.Count == 0 ? topic != DefaultTopic : !topics.Contains(topic))
                {
                    var known = topics.Count == 0 ? DefaultTopic : string.Join(", ", topics);
                    context.Problem($"Formats:{topic}", text, $"there is no such topic in Kafka:PredictionTopics ({known})");
                }

                context.Require($"Formats:{topic}", text, SourceOptions.IsFormat(text), SourceOptions.FormatsAllowed);
            }
        }
    }
}
