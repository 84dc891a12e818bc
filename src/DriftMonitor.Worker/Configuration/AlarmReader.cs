using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns what the user wrote under <c>Alarms</c> into settings, and tells everything that is wrong with it.</summary>
/// <remarks>
/// Of a model and severity the first that is given holds: its own budget, its own fixed threshold, the budget for all models, the fixed threshold for all, the default. The
/// default of warnings gives way where critical alarms have a budget, for it may lie above the threshold that follows from that; the default of critical alarms stays
/// beside a budget for warnings, for nobody shall lose a page by asking for better warnings.
/// </remarks>
/// <param name="problems">Takes what is wrong.</param>
/// <param name="windows">The windows that share budgets; none when they could not be read.</param>
internal sealed class AlarmReader(List<string> problems, ImmutableArray<WindowSpec> windows)
{
    private double? _defaultKlWarning;

    /// <param name="options">What is written, and the defaults of what is not.</param>
    /// <param name="isWritten">Whether a key is.</param>
    public AlarmSettings Read(AlarmOptions options, Func<string, bool> isWritten)
    {
        if (!isWritten("Alarms:KlWarningNats"))
        {
            (_defaultKlWarning, options.KlWarningNats) = (options.KlWarningNats, null);
        }

        var budgets = Budgets("Alarms", options.FalseAlarmBudget, default);
        var general = Model("Alarms", options, options, budgets, budgets);
        var byModel = ImmutableSortedDictionary.CreateBuilder<string, ModelThresholds>(StringComparer.Ordinal);
        foreach (var (model, own) in options.Models)
        {
            Require("Alarms:Models", model, JsonNames.IsLabel(model), ConfigurationReader.NameAllowed);
            byModel[model] = Model($"Alarms:Models:{model}", own, options, Budgets($"Alarms:Models:{model}", own.FalseAlarmBudget, budgets), budgets);
        }

        return new AlarmSettings(general, byModel.ToImmutable());
    }

    private ModelThresholds Model(string section, ThresholdOptions own, ThresholdOptions general, Pair<FalseAlarmBudget?> ownBudgets, Pair<FalseAlarmBudget?> budgets)
    {
        return new ModelThresholds(
            Thresholds("Kl", new(own.KlWarningNats, own.KlCriticalNats), new(general.KlWarningNats, general.KlCriticalNats), _defaultKlWarning),
            Thresholds("CrossEntropy", new(own.CrossEntropyWarningNats, own.CrossEntropyCriticalNats), new(general.CrossEntropyWarningNats, general.CrossEntropyCriticalNats)),
            Thresholds("PolicyKl", new(own.PolicyKlWarningNats, own.PolicyKlCriticalNats), new(general.PolicyKlWarningNats, general.PolicyKlCriticalNats)));

        Thresholds Thresholds(string measure, Pair<double?> written, Pair<double?> forAll, double? otherwise = null)
        {
            var warningBudget = ownBudgets.Warning ?? (written.Warning is null ? budgets.Warning : null);
            var criticalBudget = ownBudgets.Critical ?? (written.Critical is null ? budgets.Critical : null);
            var warning = written.Warning ?? forAll.Warning ?? (warningBudget is null && criticalBudget is not null ? null : otherwise);
            var critical = written.Critical ?? forAll.Critical;
            var thresholds = new Thresholds(warning == 0 ? null : warning, critical == 0 ? null : critical, warningBudget, criticalBudget);
            Check($"{section}:{measure}", written, thresholds);
            return thresholds;
        }
    }

    /// <summary>What is written must be a threshold, and the critical one not below that of warnings, where both are fixed.</summary>
    private void Check(string key, Pair<double?> written, Thresholds thresholds)
    {
        const string allowed = "a number of nats that is finite and not below 0; 0 for none";
        Require($"{key}WarningNats", written.Warning, written.Warning is not { } warning || (double.IsFinite(warning) && warning >= 0), allowed);
        Require($"{key}CriticalNats", written.Critical, written.Critical is not { } critical || (double.IsFinite(critical) && critical >= 0), allowed);
        if ((written.Warning ?? written.Critical) is not null && thresholds is { WarningBudget: null, CriticalBudget: null })
        {
            Require(
                $"{key}CriticalNats",
                thresholds.CriticalNats,
                !(thresholds.CriticalNats < thresholds.WarningNats),
                FormattableString.Invariant($"at least the warning's {thresholds.WarningNats}, or 0 for none"));
        }
    }

    /// <summary>What is written, and where nothing is, what holds for all models.</summary>
    /// <returns>The budgets that are written.</returns>
    private Pair<FalseAlarmBudget?> Budgets(string section, BudgetOptions options, Pair<FalseAlarmBudget?> general)
    {
        var (warningKey, criticalKey) = ($"{section}:FalseAlarmBudget:Warning", $"{section}:FalseAlarmBudget:Critical");
        var written = new Pair<FalseAlarmBudget?>(Budget(warningKey, options.Warning), Budget(criticalKey, options.Critical));
        if ((written.Warning ?? general.Warning) is { } warning && (written.Critical ?? general.Critical) is { } critical && warning.PerMs < critical.PerMs)
        {
            if (written.Warning is not null)
            {
                Require(warningKey, options.Warning, false, $"no rarer than the critical alarms' {critical}");
            }
            else if (written.Critical is not null)
            {
                Require(criticalKey, options.Critical, false, $"no more often than the warnings' {warning}");
            }
        }

        return written;
    }

    private FalseAlarmBudget? Budget(string key, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        if (!FalseAlarmBudget.TryParse(text, out var budget, out var problem))
        {
            problems.Add($"{key} = {problem}");
            return null;
        }

        if (!windows.IsEmpty && !BudgetLimit.Keeps(budget, windows, out var allowed))
        {
            Require(key, text, false, allowed);
            return null;
        }

        return budget;
    }

    private void Require<T>(string key, T value, bool valid, string allowed)
    {
        if (!valid)
        {
            problems.Add(FormattableString.Invariant($"{key} = '{value}': must be {allowed}"));
        }
    }

    private readonly record struct Pair<T>(T Warning, T Critical);
}
