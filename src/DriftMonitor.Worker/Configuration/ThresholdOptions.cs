namespace DriftMonitor.Worker.Configuration;

/// <summary>Thresholds and budgets for all models or for one. Thresholds in nats, 0 for none; null where not given.</summary>
internal class ThresholdOptions
{
    /// <summary>Of the KL divergence from the reference, in either direction.</summary>
    public double? KlWarningNats { get; set; }

    /// <inheritdoc cref="KlWarningNats"/>
    public double? KlCriticalNats { get; set; }

    /// <summary>Of the cross-entropy of labels against predictions.</summary>
    public double? CrossEntropyWarningNats { get; set; }

    /// <inheritdoc cref="CrossEntropyWarningNats"/>
    public double? CrossEntropyCriticalNats { get; set; }

    /// <summary>Of the KL divergence between a policy and its own reference policy, in either direction.</summary>
    public double? PolicyKlWarningNats { get; set; }

    /// <inheritdoc cref="PolicyKlWarningNats"/>
    public double? PolicyKlCriticalNats { get; set; }

    /// <summary>How often alarms may be false: what thresholds are worked out from instead.</summary>
    public BudgetOptions Budget { get; set; } = new();

    /// <summary>The least that is worth an alarm, whatever is certain.</summary>
    public EffectOptions SmallestEffect { get; set; } = new();

    /// <summary>The segments that are compared with the rest of their model's live traffic, as a canary with what is stable.</summary>
    public string[] CompareWithRest { get; set; } = [];

    /// <summary>The thresholds of each measure, by the name that their keys begin with.</summary>
    public Measure[] Measures() =>
    [
        new("Kl", KlWarningNats, KlCriticalNats),
        new("CrossEntropy", CrossEntropyWarningNats, CrossEntropyCriticalNats),
        new("PolicyKl", PolicyKlWarningNats, PolicyKlCriticalNats),
        new("Accuracy", null, null), // by budgets alone
        new("Dispersion", null, null),
    ];

    internal readonly record struct Measure(string Name, double? Warning, double? Critical);
}
