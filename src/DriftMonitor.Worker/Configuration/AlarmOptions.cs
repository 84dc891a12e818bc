namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Alarms</c>: thresholds for all models, and for single ones.</summary>
internal sealed class AlarmOptions : ThresholdOptions
{
    /// <summary>Model → the thresholds that it has instead.</summary>
    public Dictionary<string, Dictionary<string, string>> Models { get; set; } = [];
}
