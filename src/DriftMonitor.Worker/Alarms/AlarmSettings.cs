using System.Collections.Immutable;

namespace DriftMonitor.Worker.Alarms;

/// <summary>When models are worth an alarm: checked, immutable.</summary>
/// <param name="General">For models without settings of their own.</param>
/// <param name="ByModel">For those that have, whole.</param>
internal sealed record AlarmSettings(ModelThresholds General, ImmutableSortedDictionary<string, ModelThresholds> ByModel)
{
    /// <summary>Whether any model has a budget for drift.</summary>
    public bool CalibrateDrift => ByModel.Values.Append(General).Any(model => model.Kl.WarningBudget is not null || model.Kl.CriticalBudget is not null);

    /// <summary>What holds for a model.</summary>
    public ModelThresholds Of(string model) => ByModel.GetValueOrDefault(model, General);
}
