namespace DriftMonitor.Worker.Configuration;

/// <summary>Whose a model is, and whom its alerts reach. Texts are empty where nothing is said.</summary>
/// <param name="Owner">A person or a role, for people to read.</param>
/// <param name="Team">What Alertmanager routes by.</param>
/// <param name="Runbook">The address of the model's own runbook.</param>
/// <param name="QuietHours">The name of one of Alertmanager's time intervals, in which nobody is notified.</param>
/// <param name="MaxSeverity">The highest severity that the model's alerts have.</param>
internal sealed record ModelOwner(string Owner, string Team, string Runbook, string QuietHours, AlarmSeverity MaxSeverity)
{
    /// <summary>That of a model of which nothing is said.</summary>
    public static ModelOwner Nobody { get; } = new("", "", "", "", AlarmSeverity.Critical);
}
