namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Alarms</c>: thresholds and budgets for all models.</summary>
internal sealed class AlarmOptions : ThresholdOptions
{
    /// <summary>How long a model may have no event, unless its reference had none for longer.</summary>
    public string SilentAfter { get; set; } = "15m";

    /// <summary>By what a model's traffic may differ from its reference's; 0 for anything.</summary>
    public double TrafficFactor { get; set; }

    /// <summary>
    /// What holds where nothing is written: half of the 0.1 and 0.25 by which PSI, the sum of both KL divergences, is read. Cross-entropy
    /// and policies have no such custom. Where the reference can calibrate, the budgets go before.
    /// </summary>
    public static AlarmOptions Defaults { get; } = new()
    {
        KlWarningNats = 0.05,
        KlCriticalNats = 0.125,
        CrossEntropyWarningNats = 0,
        CrossEntropyCriticalNats = 0,
        PolicyKlWarningNats = 0,
        PolicyKlCriticalNats = 0,
        SmallestEffect = new EffectOptions
        {
            KlNats = SmallestEffects.Default.KlNats,
            CrossEntropyNats = SmallestEffects.Default.CrossEntropyNats,
            PolicyKlNats = SmallestEffects.Default.PolicyKlNats,
            EntropyNats = SmallestEffects.Default.EntropyNats,
            Accuracy = SmallestEffects.Default.Accuracy,
        },
        Budget = new BudgetOptions { Warning = "1 per 7d", Critical = "1 per 30d" },
    };
}
