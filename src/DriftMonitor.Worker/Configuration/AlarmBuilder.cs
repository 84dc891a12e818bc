using Measure = DriftMonitor.Worker.Configuration.ThresholdOptions.Measure;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns the thresholds and budgets for all models, and for single ones, into those that are in force.</summary>
/// <remarks>
/// Of a model and severity the first that is given holds: its own budget, its own fixed threshold, the budget for all models, the fixed
/// threshold for all, the default. Where nothing is said of a measure, its defaults are both: budgets, and fixed thresholds for what the
/// reference cannot calibrate. The default of warnings gives way where critical alarms have a budget, for it may lie above the
/// threshold that follows from that; the default of critical alarms stays beside a budget for warnings, for nobody shall lose a page by
/// asking for better warnings.
/// </remarks>
internal static class AlarmBuilder
{
    private static readonly BudgetOptions Defaults = AlarmOptions.Defaults.Budget;

    public static AlarmSettings Build(MonitorOptions options, IReadOnlyCollection<WindowSpec> windows) => new(
        Model(options.Alarms, options.Alarms, windows),
        options.Models.ToImmutableSortedDictionary(
            model => model.Name, model => Model(model, options.Alarms, windows), StringComparer.Ordinal))
    {
        SilentAfter = ValidationRules.ParseDuration(options.Alarms.SilentAfter),
    };

    /// <summary>Of each of the measures, in their order.</summary>
    public static Thresholds[] Thresholds(ThresholdOptions own, AlarmOptions general, IReadOnlyCollection<WindowSpec> windows)
    {
        var measures = own.Measures().Zip(general.Measures(), AlarmOptions.Defaults.Measures());
        return [.. measures.Select(all => Combine(all.First, all.Second, all.Third))];

        Thresholds Combine(Measure written, Measure forAll, Measure otherwise)
        {
            var isFixed = (written.Warning ?? written.Critical ?? forAll.Warning ?? forAll.Critical) is not null;
            var criticalBudget = Budget(own.Budget.Critical, written.Critical, general.Budget.Critical, isFixed ? "" : Defaults.Critical);
            var warningBudget = Budget(own.Budget.Warning, written.Warning, general.Budget.Warning, isFixed ? "" : Defaults.Warning);
            if (warningBudget?.PerMs < criticalBudget?.PerMs) // one of them is a default, which the other goes before
            {
                var isWarningWritten = own.Budget.Warning.Length > 0 || general.Budget.Warning.Length > 0;
                (warningBudget, criticalBudget) = isWarningWritten ? (warningBudget, warningBudget) : (criticalBudget, criticalBudget);
            }

            var givesWay = warningBudget is null && criticalBudget is not null;
            var warning = written.Warning ?? forAll.Warning ?? (givesWay ? null : otherwise.Warning);
            var critical = written.Critical ?? forAll.Critical ?? otherwise.Critical;
            return new Thresholds(Threshold(warning), Threshold(critical), warningBudget, criticalBudget);
        }

        // The first that is written: its own budget, or none; its own fixed threshold; the budget for all, or none; the default.
        FalseAlarmBudget? Budget(string ofModel, double? fixedOfModel, string ofAll, string otherwise)
        {
            var text = ofModel.Length > 0 ? ofModel : fixedOfModel is not null ? BudgetOptions.None : ofAll.Length > 0 ? ofAll : otherwise;
            var isWritten = ofModel.Length > 0 || ofAll.Length > 0;
            return FalseAlarmBudget.TryParse(text, out var budget, out _)
                && (isWritten || (windows.Count > 0 && BudgetLimit.Keeps(budget, windows, out _)))
                ? budget
                : null;
        }

        static double? Threshold(double? nats) => nats == 0 ? null : nats;
    }

    private static ConfiguredThresholds Model(ThresholdOptions own, AlarmOptions general, IReadOnlyCollection<WindowSpec> windows)
    {
        var thresholds = Thresholds(own, general, windows);
        var (effect, forAll, otherwise) = (own.SmallestEffect, general.SmallestEffect, SmallestEffects.Default);
        return new ConfiguredThresholds(thresholds[0], thresholds[1], thresholds[2])
        {
            Accuracy = thresholds[3],
            Dispersion = thresholds[4],
            ComparedWithRest = (own.CompareWithRest.Length > 0 ? own : general).CompareWithRest is [BudgetOptions.None]
                ? []
                : ImmutableArray.Create(own.CompareWithRest.Length > 0 ? own.CompareWithRest : general.CompareWithRest),
            SmallestEffect = new SmallestEffects(
                effect.KlNats ?? forAll.KlNats ?? otherwise.KlNats,
                effect.CrossEntropyNats ?? forAll.CrossEntropyNats ?? otherwise.CrossEntropyNats,
                effect.PolicyKlNats ?? forAll.PolicyKlNats ?? otherwise.PolicyKlNats,
                effect.Accuracy ?? forAll.Accuracy ?? otherwise.Accuracy,
                effect.EntropyNats ?? forAll.EntropyNats ?? otherwise.EntropyNats),
        };
    }
}
