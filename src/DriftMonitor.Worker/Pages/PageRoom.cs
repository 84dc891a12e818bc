namespace DriftMonitor.Worker.Pages;

/// <summary>The entries of the navigation, in their order.</summary>
public enum PageRoom
{
    Alarms,
    Models,
    References,
    Rejected,
    Monitor,
    Runbooks,
}
