using DriftMonitor.Worker.Kafka;
using FluentValidation;
using FluentValidation.Results;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote, a section each, with the defaults of what is not written. Valid once its validator says so.</summary>
/// <remarks>
/// Another setting is a property of its section's options, a rule (here, or in the section's own validator), and what
/// <see cref="SettingsBuilder"/> makes of it in <see cref="MonitorSettings"/>. Binding finds it by itself.
/// </remarks>
internal sealed class MonitorOptions
{
    public KafkaOptions Kafka { get; set; } = new();

    public WindowOptions Windows { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    /// <summary>Models with settings of their own. A list: names have a case and may hold colons, which keys do not.</summary>
    public ModelOptions[] Models { get; set; } = [];

    public DivergenceOptions Divergence { get; set; } = new();

    public ReferenceOptions References { get; set; } = new();

    public DeadLetterOptions DeadLetter { get; set; } = new();

    public AlarmOptions Alarms { get; set; } = new();

    public FeedbackOptions Feedback { get; set; } = new();

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
            RuleFor(options => options.Limits.MemoryCells).MustBe(cells => cells >= 0, "0 for half of the memory there is, or more");
            RuleFor(options => options.Limits.RecordBytes).Between(1_024, 100 * 1024 * 1024);
            RuleFor(options => options.Limits.SumTolerance).MustBe(tolerance => tolerance is > 0 and <= 0.1, "more than 0 and at most 0.1");
            RuleForEach(options => options.Models).SetValidator((options, _) => new ModelOptions.Validator(options));
            RuleFor(options => options.Divergence.PseudoEvents).MustBe(events => events is >= 0 and <= 1_000_000, "0 to 1000000");
            RuleFor(options => options.Divergence.MinimumEvents).MustBe(events => events >= 1, "at least 1");
            RuleFor(options => options.Divergence.TopClasses).Between(0, 1_000);
            RuleFor(options => options.References.Directory).DirectoryOr("none");
            RuleFor(options => options.References.PollInterval).Interval();
            RuleFor(options => options.DeadLetter.Topic).TopicOrNone();
            RuleFor(options => options.Alarms).SetValidator(options => new ThresholdValidator<AlarmOptions>(options));
            RuleFor(options => options.Feedback.Topic).TopicOrNone();
            RuleFor(options => options.Feedback.Horizon).Duration();
            RuleFor(options => options.Feedback.BlockCacheMiB).Between(1, 1_000_000);
            RuleFor(options => options.Feedback.WriteBufferMiB).Between(1, 100_000);
            RuleFor(options => options.Feedback.Directory).DirectoryOr("memory").When(options => options.Feedback.Topic.Length > 0);
            RuleFor(options => options).Custom((options, context) =>
            {
                RequireOneRoleEach(options, context);
                context.Require(
                    "Kafka:PredictionTopics",
                    options.Kafka.PredictionTopics,
                    options.Feedback.Topic.Length == 0 || !options.Feedback.Join || options.Kafka.TopicsAndModels().Length == 1,
                    "one topic when labels of Feedback:Topic are joined to it "
                    + "(Feedback:Join=false when each label carries its own prediction)");
                for (var i = 0; i < options.Models.Length; i++)
                {
                    var name = options.Models[i].Name;
                    var isFirst = !options.Models[..i].Any(model => model.Name == name);
                    context.Require($"Models:{i}:Name", name, isFirst, "the name of one model only, which has all its settings");
                }
            });
        }

        /// <summary>
        /// No topic has two roles: what is written into one that is read comes back, again and again. The topics between the stages, which
        /// are both, are ours alone.
        /// </summary>
        private static void RequireOneRoleEach(MonitorOptions options, ValidationContext<MonitorOptions> context)
        {
            IEnumerable<(string Setting, string Topic)> roles =
            [
                .. options.Kafka.TopicsAndModels().Select(pair => ("Kafka:PredictionTopics", pair.Topic)).Distinct(),
                ("Kafka:PanesTopic", options.Kafka.PanesTopic),
                ("the rollups topic of Kafka:PanesTopic", MonitorSettings.RollupsOf(options.Kafka.PanesTopic)),
                ("the feedback panes topic of Kafka:PanesTopic", MonitorSettings.FeedbackPanesOf(options.Kafka.PanesTopic)),
                ("Feedback:Topic", options.Feedback.Topic),
                ("DeadLetter:Topic", options.DeadLetter.Topic),
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
