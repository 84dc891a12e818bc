namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>The time that a page shows, and how finely; whole seconds since 1970, both ends included.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last, and what an instant query is asked at.</param>
/// <param name="Scrape">How far apart samples are.</param>
internal sealed record TimeGrid(long From, long To, long Scrape)
{
    private const long MostPoints = 700; // what a panel has pixels for

    public long Step => Math.Max(1, ((To - From) / MostPoints / Scrape) + 1) * Scrape;

    /// <summary>What Grafana makes of <c>$__rate_interval</c>.</summary>
    public long RateInterval => Math.Max(Step + Scrape, 4 * Scrape);

    public IEnumerable<long> Times
    {
        get
        {
            for (var time = To - ((To - From) / Step * Step); time <= To; time += Step)
            {
                yield return time;
            }
        }
    }
}
