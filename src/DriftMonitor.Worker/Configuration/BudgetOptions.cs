namespace DriftMonitor.Worker.Configuration;

/// <summary>
/// What the user wrote under <c>Budget</c>: how often alarms may be false, <c>1 per 30d</c>; <c>none</c> for fixed thresholds, empty where
/// nothing is said.
/// </summary>
internal sealed class BudgetOptions
{
    /// <summary>What turns a budget off.</summary>
    public const string None = "none";

    /// <summary>Of those that wait for the morning.</summary>
    public string Warning { get; set; } = "";

    /// <summary>Of those that wake somebody.</summary>
    public string Critical { get; set; } = "";

    /// <summary>The budget that is written, null for none.</summary>
    public FalseAlarmBudget? ReadWarning() => Read(Warning);

    /// <inheritdoc cref="ReadWarning"/>
    public FalseAlarmBudget? ReadCritical() => Read(Critical);

    private static FalseAlarmBudget? Read(string text) => FalseAlarmBudget.TryParse(text, out var budget, out _) ? budget : null;
}
