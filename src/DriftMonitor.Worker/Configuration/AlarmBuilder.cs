using Measure = DriftMonitor.Worker.Configuration.ThresholdOptions.Measure;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns the thresholds and budgets for all models, and for single ones, into those that are in force.</summary>
/// <remarks>
/// Of a model and severity the first that is given holds: its own budget, its own fixed threshold, the budget for all models, the fixed
/// threshold for all, the default. The default of warnings gives way where critical alarms have a budget, for it may lie above the
/// threshold that follows from that; the default of critical alarms stays beside a budget for warnings, for nobody shall lose a page by
/// asking for better warnings.
/// </remarks>
internal static class AlarmBuilder
{
    public static AlarmSettings Build(MonitorOptions options) => new(
        Model(options.Alarms, options.Alarms),
        options.Models.ToImmutableSortedDictionary(model => model.Name, model => Model(model, options.Alarms), StringComparer.Ordinal));

    /// <summary>Of each of the measures, in their order.</summary>
    public static Thresholds[] Thresholds(ThresholdOptions own, AlarmOptions general)
    {
        var measures = own.Measures().Zip(general.Measures(), AlarmOptions.Defaults.Measures());
        return [.. measures.Select(all => Combine(all.First, all.Second, all.Third))];

        Thresholds Combine(Measure written, Measure forAll, Measure otherwise)
        {
            var warningBudget = own.Budget.ReadWarning() ?? (written.Warning is null ? general.Budget.ReadWarning() : null);
            var criticalBudget = own.Budget.ReadCritical() ?? (written.Critical is null ? general.Budget.ReadCritical() : null);
            var givesWay = warningBudget is null && criticalBudget is not null;
            var warning = written.Warning ?? forAll.Warning ?? (givesWay ? null : otherwise.Warning);
            var critical = written.Critical ?? forAll.Critical ?? otherwise.Critical;
            return new Thresholds(warning == 0 ? null : warning, critical == 0 ? null : critical, warningBudget, criticalBudget);
        }
    }

    private static ConfiguredThresholds Model(ThresholdOptions own, AlarmOptions general) =>
        Thresholds(own, general) is [var kl, var cost, var policyKl] ? new(kl, cost, policyKl) : throw new InvalidOperationException();
}
