namespace DriftMonitor.Worker.State;

/// <summary>A test of the way that a model's alarms take to people: nothing is wrong. It travels with the model's panes.</summary>
/// <param name="Model">The model.</param>
/// <param name="Severity">The severity that is tested.</param>
/// <param name="FromMs">When it was asked for, epoch milliseconds.</param>
/// <param name="UntilMs">When it is over.</param>
internal sealed record AlarmTest(string Model, AlarmSeverity Severity, long FromMs, long UntilMs) : PaneMessage
{
    /// <summary>The longest: until it is over, a successor reads the panes again from where it stands.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Whether it can have been asked for.</summary>
    public bool IsWhole =>
        Model.Length > 0 && Enum.IsDefined(Severity) && UntilMs > FromMs && (double)UntilMs - FromMs <= Longest.TotalMilliseconds;
}
