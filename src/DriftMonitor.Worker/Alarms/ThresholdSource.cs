using System.Collections.Immutable;
using DriftMonitor.Monitoring;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Where the thresholds of a window come from: fixed, by its model. The rules only know what is exported.</summary>
/// <param name="general">For models without thresholds of their own.</param>
/// <param name="byModel">For those that have.</param>
internal sealed class ThresholdSource(ModelThresholds general, ImmutableSortedDictionary<string, ModelThresholds> byModel)
{
    /// <summary>The thresholds that apply to what the report says.</summary>
    public ModelThresholds Of(DriftReport report) => byModel.GetValueOrDefault(report.Window.Series.Model, general);
}
