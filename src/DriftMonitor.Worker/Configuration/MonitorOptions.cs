using DriftMonitor.Worker.Kafka;
using FluentValidation;
using FluentValidation.Results;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote, a section each, with the defaults of what is not written. Valid once its validator says so.</summary>
/// <remarks>
/// Another setting is a property of its section's options, a rule (here, or in the section's own validator), and what
/// <see cref="SettingsBuilder"/> makes of it in <see cref="MonitorSettings"/>. Binding finds it by itself.
/// So does the JSON Schema for editors, which <c>SettingsSchemaTests</c> writes anew.
/// </remarks>
internal sealed class MonitorOptions
{
    /// <summary>The brokers, the consumer group, and the topics by their short forms.</summary>
    public KafkaOptions Kafka { get; set; } = new();

    /// <summary>The topics that are read, and how.</summary>
    public SourceOptions[] Sources { get; set; } = [];

    /// <summary>The windows, and how late and disordered events may be.</summary>
    public WindowOptions Windows { get; set; } = new();

    /// <summary>What is let in, and how much of it.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>Models with settings of their own. A list: names have a case and may hold colons, which keys do not.</summary>
    public ModelOptions[] Models { get; set; } = [];

    /// <summary>How live windows are compared.</summary>
    public DivergenceOptions Divergence { get; set; } = new();

    /// <summary>The directory that references are read from.</summary>
    public ReferenceOptions References { get; set; } = new();

    /// <summary>Where rejected records are copied to.</summary>
    public DeadLetterOptions DeadLetter { get; set; } = new();

    /// <summary>Thresholds and budgets for all models.</summary>
    public AlarmOptions Alarms { get; set; } = new();

    /// <summary>The labels, and how they are joined to predictions.</summary>
    public FeedbackOptions Feedback { get; set; } = new();

    /// <summary>The addresses of the monitor, and who may read or change what.</summary>
    public HttpOptions Http { get; set; } = new();

    /// <summary>The values in it that nobody may see.</summary>
    /// <param name="fromFiles">The names of those whose values were read from files.</param>
    internal Secrets Secrets(IReadOnlySet<string> fromFiles) =>
        new(Kafka.Client.Concat(Sources.SelectMany(source => source.SchemaRegistry.Client)), fromFiles);

    /// <summary>All sources: those of the list, and those that <c>Kafka</c> and <c>Feedback</c> have short forms for.</summary>
    internal IReadOnlyList<SourceOptions> AllSources()
    {
        var all = new List<SourceOptions>();
        for (var i = 0; i < Sources.Length; i++)
        {
            Sources[i].Setting = string.Create(CultureInfo.InvariantCulture, $"Sources:{i}:Topic");
            all.Add(Sources[i]);
        }

        var hasPredictions = all.Exists(source => !source.IsLabels);
        (string Topic, string? Model)[] topics = hasPredictions || Kafka.PredictionTopics.Length > 0
            ? Kafka.TopicsAndModels()
            : [(KafkaOptions.DefaultTopic, null)];
        all.AddRange(topics.Select(topic => new SourceOptions
        {
            Setting = "Kafka:PredictionTopics",
            Topic = topic.Topic,
            Model = topic.Model ?? "",
            Format = Kafka.Formats.GetValueOrDefault(topic.Topic, "json"),
        }));
        if (Feedback.Topic.Length > 0)
        {
            all.Add(new SourceOptions { Setting = "Feedback:Topic", Topic = Feedback.Topic, Kind = "labels" });
        }

        return all;
    }

    /// <summary>The sections' rules, and those that hold between sections.</summary>
    internal sealed class Validator : AbstractValidator<MonitorOptions>
    {
        static Validator() => ValidatorOptions.Global.PropertyChainSeparator = ":";

        /// <param name="secrets">What no problem may show.</param>
        public Validator(Secrets secrets)
        {
            RuleFor(options => options.Kafka).SetValidator(new KafkaOptions.Validator(secrets));
            RuleFor(options => options.Windows).SetValidator(new WindowOptions.Validator());
            RuleFor(options => options.Limits.Models).Between(1, 1_000_000);
            RuleFor(options => options.Limits.SegmentsPerModel).Between(0, 100_000);
            RuleFor(options => options.Limits.SeriesPerPartition).Between(1, 10_000_000);
            RuleFor(options => options.Limits.MemoryCells)
                .MustBe(cells => cells >= 0, "a number of cells (16 bytes each), or 0 for half of the available memory");
            RuleFor(options => options.Limits.RecordBytes).Between(1_024, 100 * 1024 * 1024);
            RuleFor(options => options.Limits.SumTolerance).MustBe(tolerance => tolerance is > 0 and <= 0.1, "more than 0 and at most 0.1");
            RuleForEach(options => options.Sources).SetValidator(new SourceOptions.Validator(secrets));
            RuleForEach(options => options.Models).SetValidator((options, _) => new ModelOptions.Validator(options));
            RuleFor(options => options.Divergence.PseudoEvents).MustBe(events => events is >= 0 and <= 1_000_000, "0 to 1000000");
            RuleFor(options => options.Divergence.MinimumEvents).MustBe(events => events >= 1, "at least 1");
            RuleFor(options => options.Divergence.TopClasses).Between(0, 1_000);
            RuleFor(options => options.References.Directory).DirectoryOr("none");
            RuleFor(options => options.References.PollInterval).Interval();
            RuleFor(options => options.DeadLetter.Topic).TopicOrNone();
            RuleFor(options => options.Alarms).SetValidator(options => new ThresholdValidator<AlarmOptions>(options));
            RuleFor(options => options.Alarms.SilentAfter).Duration();
            RuleFor(options => options.Alarms.TrafficFactor)
                .MustBe(factor => factor == 0 || (factor > 1 && double.IsFinite(factor)), "more than 1, such as 2, or 0 for none");
            RuleFor(options => options.Feedback.Topic).TopicOrNone();
            RuleFor(options => options.Feedback.Horizon).Duration();
            RuleFor(options => options.Feedback.BlockCacheMiB).Between(1, 1_000_000);
            RuleFor(options => options.Feedback.WriteBufferMiB).Between(1, 100_000);
            RuleFor(options => options.Feedback.Directory).DirectoryOr("memory")
                .When(options => options.AllSources().Any(source => source.IsLabels));
            RuleFor(options => options.Http).SetValidator(new HttpOptions.Validator());
            RuleFor(options => options).Custom((options, context) =>
            {
                var sources = options.AllSources();
                RequireOneRoleEach(options, sources, context);
                RequireSourcesThatFit(options, sources, context);
                for (var i = 0; i < options.Models.Length; i++)
                {
                    var name = options.Models[i].Name;
                    if (options.Models[..i].Any(model => model.Name == name))
                    {
                        context.Problem($"Models:{i}:Name", name, "is in the list already: put all settings of the model into one entry");
                    }
                }
            });
        }

        /// <summary>
        /// Every source of the service has a topic, one has labels at most, and labels are joined to the predictions of one.
        /// </summary>
        private static void RequireSourcesThatFit(
            MonitorOptions options, IReadOnlyList<SourceOptions> sources, ValidationContext<MonitorOptions> context)
        {
            foreach (var source in options.Sources)
            {
                context.Require(source.Setting, source.Topic, source.Topic.Length > 0, "the topic to read");
            }

            SourceOptions[] labels = [.. sources.Where(source => source.IsLabels)];
            foreach (var another in labels.Skip(1))
            {
                context.Problem(
                    another.Setting, another.Topic, $"must be left out: only one topic may have labels, and {labels[0].Topic} has them");
            }

            SourceOptions[] joined = [.. sources.Where(source => !source.IsLabels && source.Join)];
            if (labels.Length > 0 && options.Feedback.Join && joined.Length == 0)
            {
                context.Problem(
                    "Feedback:Join", null,
                    "there is no topic of predictions to join the labels to. Do one of these: set Sources:N:Join=true for the topic that "
                    + "the labels belong to; or set Feedback:Join=false if each label record contains its own prediction");
            }

            if (labels.Length > 0 && options.Feedback is { Join: true, Repartition: false } && joined.Length > 1)
            {
                context.Problem(
                    "Feedback:Join", null,
                    $"labels can be joined to the predictions of one topic only, but these are to be joined: "
                    + $"{string.Join(", ", joined.Select(source => source.Topic))}. Do one of these: set Feedback:Repartition=true "
                    + "(labels are joined by id over all topics); set Sources:N:Join=false for each topic without labels, so that one is "
                    + "left (move such a topic from Kafka:PredictionTopics to Sources); or set Feedback:Join=false if each label record "
                    + "contains its own prediction");
            }

            context.Require(
                "Feedback:Repartition", options.Feedback.Repartition,
                !options.Feedback.Repartition || (labels.Length > 0 && options.Feedback.Join),
                "false unless there are labels that are joined by their ids (Feedback:Join)");
        }

        /// <summary>
        /// No topic has two roles: what is written into one that is read comes back, again and again. The topics between the stages, which
        /// are both, are ours alone.
        /// </summary>
        private static void RequireOneRoleEach(
            MonitorOptions options, IReadOnlyList<SourceOptions> sources, ValidationContext<MonitorOptions> context)
        {
            IEnumerable<(string Setting, string Topic)> roles =
            [
                .. sources.Where(source => !source.IsLabels).Select(source => (source.Setting, source.Topic)).Distinct(),
                ("Kafka:PanesTopic", options.Kafka.PanesTopic),
                ("the rollups topic of Kafka:PanesTopic", MonitorSettings.RollupsOf(options.Kafka.PanesTopic)),
                ("the status topic of Kafka:PanesTopic", MonitorSettings.StatusOf(options.Kafka.PanesTopic)),
                ("the calibrations topic of Kafka:PanesTopic", MonitorSettings.CalibrationsOf(options.Kafka.PanesTopic)),
                ("the references topic of Kafka:PanesTopic", MonitorSettings.ReferencesOf(options.Kafka.PanesTopic)),
                ("the feedback panes topic of Kafka:PanesTopic", MonitorSettings.FeedbackPanesOf(options.Kafka.PanesTopic)),
                .. sources.Where(source => source.IsLabels).Select(source => (source.Setting, source.Topic)),
                ("DeadLetter:Topic", options.DeadLetter.Topic),
                .. options.Feedback.Repartition
                    ? new[]
                    {
                        ("the joined predictions topic of Kafka:PanesTopic", MonitorSettings.JoinedPredictionsOf(options.Kafka.PanesTopic)),
                        ("the joined labels topic of Kafka:PanesTopic", MonitorSettings.JoinedLabelsOf(options.Kafka.PanesTopic)),
                    }
                    : [],
            ];
            var named = roles.Where(role => ValidationRules.IsTopic(role.Topic));
            foreach (var role in named.GroupBy(role => role.Topic, role => role.Setting).Where(role => role.Count() > 1))
            {
                var roleNames = string.Join(" and also ", role);
                context.AddFailure(new ValidationFailure("", $"topic {role.Key} is {roleNames}: each must be a topic of its own"));
            }
        }
    }
}
