using DriftMonitor.Worker.Formats;
using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>
/// Thresholds are thresholds, budgets can be kept, and critical alarms are neither below nor more often than warnings, counting what a
/// model has from all models.
/// </summary>
internal class ThresholdValidator<T> : AbstractValidator<T>
    where T : ThresholdOptions
{
    private readonly AlarmOptions _general;
    private readonly IReadOnlyCollection<WindowSpec> _windows;

    /// <param name="options">All that is written: what holds for all models, and the windows that share budgets.</param>
    public ThresholdValidator(MonitorOptions options)
    {
        (_general, _windows) = (options.Alarms, options.Windows.ReadSpans([]));
        RuleFor(own => own).Custom(CheckThresholds);
        RuleFor(own => own).Custom(CheckBudgets);
        RuleFor(own => own).Custom(CheckEffects);
        RuleFor(own => own).Custom(CheckSegments);
    }

    private void CheckThresholds(T own, ValidationContext<T> context)
    {
        const string allowed = "a number of nats that is finite and 0 or more; 0 for no threshold";
        static bool IsAllowed(double? nats) => nats is null || (double.IsFinite(nats.Value) && nats >= 0);
        foreach (var ((measure, warning, critical), thresholds) in own.Measures().Zip(AlarmBuilder.Thresholds(own, _general, _windows)))
        {
            context.Require($"{measure}WarningNats", warning, IsAllowed(warning), allowed);
            context.Require($"{measure}CriticalNats", critical, IsAllowed(critical), allowed);
            var areAllowed = (warning ?? critical) is not null && IsAllowed(warning) && IsAllowed(critical);
            if (areAllowed && thresholds is { WarningBudget: null, CriticalBudget: null })
            {
                context.Require(
                    $"{measure}CriticalNats",
                    thresholds.CriticalNats,
                    !(thresholds.CriticalNats < thresholds.WarningNats),
                    FormattableString.Invariant($"at least the warning's {thresholds.WarningNats}, or 0 for none"));
            }
        }
    }

    private void CheckEffects(T own, ValidationContext<T> context)
    {
        foreach (var (key, effect) in new[]
        {
            ("KlNats", own.SmallestEffect.KlNats), ("CrossEntropyNats", own.SmallestEffect.CrossEntropyNats),
            ("PolicyKlNats", own.SmallestEffect.PolicyKlNats), ("EntropyNats", own.SmallestEffect.EntropyNats),
        })
        {
            context.Require(
                $"SmallestEffect:{key}", effect, effect is null || (double.IsFinite(effect.Value) && effect >= 0),
                "a number of nats that is finite and 0 or more; with 0, any change beyond its threshold raises an alarm, however small");
        }

        context.Require(
            "SmallestEffect:Accuracy", own.SmallestEffect.Accuracy, own.SmallestEffect.Accuracy is null or (>= 0 and <= 1),
            "a share between 0 and 1, such as 0.01 for one percentage point; with 0, any loss beyond its threshold raises an alarm");
    }

    private void CheckSegments(T own, ValidationContext<T> context)
    {
        foreach (var (segment, times) in own.CompareWithRest.CountBy(segment => segment, StringComparer.Ordinal))
        {
            context.Require(
                "CompareWithRest", segment, times == 1 && JsonNames.IsSegment(segment),
                $"{ModelOptions.SegmentAllowed}; each segment may appear only once");
        }
    }

    private void CheckBudgets(T own, ValidationContext<T> context)
    {
        var warning = CheckBudget("Budget:Warning", own.Budget.Warning, context);
        var critical = CheckBudget("Budget:Critical", own.Budget.Critical, context);
        if ((warning ?? Of(own.Budget.Warning, _general.Budget.ReadWarning())) is { } often
            && (critical ?? Of(own.Budget.Critical, _general.Budget.ReadCritical())) is { } seldom
            && often.PerMs < seldom.PerMs)
        {
            if (warning is not null)
            {
                context.Problem(
                    "Budget:Warning", own.Budget.Warning, $"must allow at least as many alarms as the critical budget ({seldom})");
            }
            else if (critical is not null)
            {
                context.Problem(
                    "Budget:Critical", own.Budget.Critical, $"must allow at most as many alarms as the warning budget ({often})");
            }
        }

        static FalseAlarmBudget? Of(string ofModel, FalseAlarmBudget? ofAll) => ofModel == BudgetOptions.None ? null : ofAll;
    }

    /// <returns>The budget, null when none is written or it cannot be one.</returns>
    private FalseAlarmBudget? CheckBudget(string key, string text, ValidationContext<T> context)
    {
        if (text is "" or BudgetOptions.None)
        {
            return null;
        }

        if (!FalseAlarmBudget.TryParse(text, out var budget, out var problem))
        {
            context.Problem(key, text, problem[$"'{text}': ".Length..]);
            return null;
        }

        if (_windows.Count > 0 && !BudgetLimit.Keeps(budget, _windows, out var allowed))
        {
            context.Require(key, text, false, allowed);
            return null;
        }

        return budget;
    }
}
