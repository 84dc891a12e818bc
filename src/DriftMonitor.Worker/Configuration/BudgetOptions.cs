namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>FalseAlarmBudget</c>: how often a model may raise a false alarm, such as <c>1 per 30d</c>; empty for a fixed threshold.</summary>
internal sealed class BudgetOptions
{
    /// <summary>Of those that wait for the morning.</summary>
    public string Warning { get; set; } = "";

    /// <summary>Of those that wake somebody.</summary>
    public string Critical { get; set; } = "";
}
