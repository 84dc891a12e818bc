using DriftMonitor.Worker.Formats;
using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>
/// What the user wrote of one model in <c>Models</c>: its classes, its owner, and what it has instead of <c>Alarms</c>.
/// </summary>
internal sealed class ModelOptions : ThresholdOptions
{
    internal static readonly string NameAllowed =
        $"the name of a model: 1 to {JsonNames.MaxLength} characters, {JsonNames.NotAllowed}";

    internal static readonly string LabelAllowed = $"at most {JsonNames.MaxLength} characters, {JsonNames.NotAllowed}";

    internal static readonly string SegmentAllowed =
        $"the name of a segment: 1 to {JsonNames.MaxLength} characters, {JsonNames.NotAllowed}, not {SeriesKey.All}, and not ending in "
        + "' vs rest'";

    internal const string SingleClass =
        "must be two classes or more: an output of one class is always 1 and cannot drift. If your classifier sends only the probability "
        + "of one of two classes, name both classes here, and send that number in the field \"probability\"";

    /// <summary>What records call it.</summary>
    public string Name { get; set; } = "";

    /// <summary>A pattern of names that stand for the model and a version of it; empty for its own name alone.</summary>
    public string Match { get; set; } = "";

    /// <summary>The ordered classes of a model that has no reference; none when the first prediction is to say them.</summary>
    public string[] Classes { get; set; } = [];

    /// <summary>Whether each of <see cref="Classes"/> holds or not by itself, so that an output is <c>multilabel</c>.</summary>
    public bool Multilabel { get; set; }

    /// <summary>Who is responsible for it, for people to read.</summary>
    public string Owner { get; set; } = "";

    /// <summary>The team that its alerts are routed to.</summary>
    public string Team { get; set; } = "";

    /// <summary>The address of its own runbook, which its alerts link to instead of theirs.</summary>
    public string Runbook { get; set; } = "";

    /// <summary>The highest severity that its alerts have.</summary>
    public string MaxSeverity { get; set; } = "critical";

    /// <summary>The name of the time interval of Alertmanager in which its alerts wait.</summary>
    public string QuietHours { get; set; } = "";

    /// <summary>Its owner; <see cref="ModelOwner.Nobody"/> when nothing is said.</summary>
    internal ModelOwner ReadOwner() => new(
        Owner, Team, Runbook, QuietHours, MaxSeverity == "warning" ? AlarmSeverity.Warning : AlarmSeverity.Critical);

    /// <summary>Its class space, when it has <see cref="Classes"/>; else null with no problem.</summary>
    internal ClassSpace? ReadClasses(out string? problem)
    {
        problem = null;
        return Classes.Length == 0 ? null
            : Multilabel ? (ClassSpace.TryCreateIndependent(Classes, out var space, out problem) ? space : null)
            : ClassSpace.TryCreate(Classes, out space, out problem) ? space
            : null;
    }

    internal sealed class Validator : ThresholdValidator<ModelOptions>
    {
        public Validator(MonitorOptions options)
            : base(options)
        {
            RuleFor(model => model.Name).MustBe(name => JsonNames.IsLabel(name), NameAllowed);
            RuleFor(model => model.Owner).MustBe(IsLabelOrNone, LabelAllowed);
            RuleFor(model => model.Team).MustBe(IsLabelOrNone, LabelAllowed);
            RuleFor(model => model.QuietHours).MustBe(IsLabelOrNone, LabelAllowed);
            RuleFor(model => model.Runbook).LinkOrNone();
            RuleFor(model => model.MaxSeverity).MustBe(severity => severity is "critical" or "warning", "critical or warning");
            RuleFor(model => model).Custom((model, context) =>
            {
                if (model.Match.Length > 0 && ModelNames.Problem(model.Match) is { } wrong)
                {
                    context.Problem("Match", model.Match, $"must be {ModelNames.Allowed}: {wrong}");
                }

                model.ReadClasses(out var problem);
                if (problem is not null)
                {
                    context.Problem("Classes", null, problem);
                }
                else if (model.Multilabel && model.Classes.Length == 0)
                {
                    context.Problem("Multilabel", "true", "needs Classes: name the classes in Classes, or leave Multilabel out");
                }
                else if (model.Classes.Length == 1 && !model.Multilabel)
                {
                    context.Problem("Classes", model.Classes[0], SingleClass);
                }
            });
        }

        private static bool IsLabelOrNone(string text) => text.Length == 0 || JsonNames.IsLabel(text);
    }
}
