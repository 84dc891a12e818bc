namespace DriftMonitor.Worker.Views;

/// <summary>What every page says of the replica that answers.</summary>
/// <param name="Version">The version that runs here; null where that is not known.</param>
/// <param name="Replica">This replica; likewise.</param>
/// <param name="Problem">Why what is shown may not be current; null where it is.</param>
/// <param name="AreStatusesRead">Whether the statuses of all models have been read; until then lists are incomplete.</param>
/// <param name="Changes">Whether anybody may change anything here: with a token of the role <c>change</c>.</param>
internal sealed record SiteView(string? Version, string? Replica, bool AreStatusesRead, bool Changes, string? Problem = null);
