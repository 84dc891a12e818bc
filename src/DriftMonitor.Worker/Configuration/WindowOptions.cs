using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Windows</c>. Durations are whole numbers of ms, s, m, h or d.</summary>
internal sealed class WindowOptions
{
    /// <summary>Windows as length/slide, separated by commas.</summary>
    public string Spans { get; set; } = "5m/10s, 1h/1m, 24h/10m";

    /// <summary>How much older than its own record an event may be.</summary>
    public string AllowedLateness { get; set; } = "1m";

    /// <summary>How far ahead of its own record an event may be.</summary>
    public string AllowedSkew { get; set; } = "1m";

    /// <summary>How far out of order the records of one partition may be.</summary>
    public string DisorderSlack { get; set; } = "10s";

    /// <summary>How often changed panes are published to the panes topic; the smallest slide is a multiple of it.</summary>
    public string PublishInterval { get; set; } = "10s";

    /// <summary>How long after a slide's end its windows are evaluated: half is for events to arrive, half for panes to travel.</summary>
    public string EvaluationDelay { get; set; } = "3s";

    public ImmutableArray<WindowSpec> ReadSpans(ICollection<string> problems)
    {
        var specs = ReadSpans(ValidationRules.Items(Spans), problems);
        return problems.Count > 0 ? [] : specs;
    }

    /// <summary>Windows as length/slide: those that can be read.</summary>
    /// <param name="problems">Takes what is wrong.</param>
    public static ImmutableArray<WindowSpec> ReadSpans(IEnumerable<string> spans, ICollection<string> problems)
    {
        var specs = ImmutableArray.CreateBuilder<WindowSpec>();
        foreach (var text in spans)
        {
            if (WindowSpec.TryParse(text, out var spec, out var problem))
            {
                specs.Add(spec);
            }
            else
            {
                problems.Add(problem);
            }
        }

        return specs.DrainToImmutable();
    }

    /// <exception cref="ArgumentException">The windows do not go together.</exception>
    public WindowPlan BuildPlan(bool trailing, ModelSet? withPanes = null, ComparedSegments? compared = null) => WindowPlan.Create(
        ReadSpans([]),
        ValidationRules.ParseDuration(AllowedLateness),
        ValidationRules.ParseDuration(AllowedSkew),
        ValidationRules.ParseDuration(DisorderSlack),
        trailing,
        withPanes,
        compared);

    internal sealed class Validator : AbstractValidator<WindowOptions>
    {
        public Validator()
        {
            RuleFor(windows => windows.Spans)
                .MustBe(
                    text => ValidationRules.Items(text).Length > 0,
                    "at least one length/slide, such as 5m/10s, several separated by commas");
            RuleFor(windows => windows.AllowedLateness).Duration(mayBeNothing: true);
            RuleFor(windows => windows.AllowedSkew).Duration(mayBeNothing: true);
            RuleFor(windows => windows.DisorderSlack).Duration(mayBeNothing: true);
            RuleFor(windows => windows.PublishInterval).Interval();
            RuleFor(windows => windows.EvaluationDelay).Interval();
            RuleFor(windows => windows).Custom(CheckPlan);
        }

        private static void CheckPlan(WindowOptions windows, ValidationContext<WindowOptions> context)
        {
            var problems = new List<string>();
            var specs = windows.ReadSpans(problems);
            problems.ForEach(problem => context.Problem("Spans", windows.Spans, problem));
            string[] slacks = [windows.AllowedLateness, windows.AllowedSkew, windows.DisorderSlack];
            if (specs.IsEmpty || !slacks.All(text => ValidationRules.IsDuration(text, mayBeNothing: true)))
            {
                return;
            }

            try
            {
                var paneMs = windows.BuildPlan(trailing: false).BasePaneMs;
                context.Require(
                    "PublishInterval",
                    windows.PublishInterval,
                    !DurationText.TryParse(windows.PublishInterval, out var intervalMs) || paneMs % intervalMs == 0,
                    FormattableString.Invariant($"such that the smallest slide, {paneMs} ms, is a multiple of it"));
            }
            catch (ArgumentException problem)
            {
                context.Problem("Spans", windows.Spans, ErrorText.Of(problem));
            }
        }
    }
}
