namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>The time that a picture shows, and what is seen in it.</summary>
internal sealed record Moment(string Name, long FromSeconds, long ToSeconds, long ScrapeSeconds, string Caption)
{
    public TimeGrid ToGrid() => new(FromSeconds, ToSeconds, ScrapeSeconds);
}
