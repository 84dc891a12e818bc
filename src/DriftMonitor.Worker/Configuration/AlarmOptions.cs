namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Alarms</c>: thresholds and budgets for all models, and for single ones.</summary>
internal sealed class AlarmOptions : ThresholdOptions
{
    /// <summary>The defaults are half of the 0.1 and 0.25 by which PSI, the sum of both KL divergences, is read. Cross-entropy and policies have no such custom.</summary>
    public AlarmOptions() =>
        (KlWarningNats, KlCriticalNats, CrossEntropyWarningNats, CrossEntropyCriticalNats, PolicyKlWarningNats, PolicyKlCriticalNats) = (0.05, 0.125, 0, 0, 0, 0);

    /// <summary>Model → what it has instead.</summary>
    public Dictionary<string, ThresholdOptions> Models { get; set; } = [];
}
