namespace DriftMonitor.Worker.Views;

/// <summary>How the monitor itself is: this replica, and the others by what they have said.</summary>
/// <param name="Version">The version that runs here.</param>
/// <param name="Replica">This replica.</param>
/// <param name="Url">Where the others reach it; null when that is not known.</param>
/// <param name="StartedMs">When it started, epoch milliseconds.</param>
/// <param name="Health">Whether it is ready.</param>
/// <param name="Checks">What is asked for that: each says what is wrong, or that nothing is.</param>
/// <param name="Topics">The topics that it reads.</param>
/// <param name="MemoryCells">Cells of memory in use, 16 bytes each.</param>
/// <param name="MemoryCellsLimit">Cells that may be.</param>
/// <param name="Models">How many models are known, by state.</param>
/// <param name="Replicas">The replicas that own models, this one first.</param>
/// <param name="AreStatusesRead">Whether the statuses of all models have been read; until then lists are incomplete.</param>
/// <param name="Forwards">Whether this replica asks others for what only they know: with <c>Http:PeerSecret</c>.</param>
/// <param name="Changes">Whether anybody may change anything here: with a token of the role <c>change</c>.</param>
/// <param name="Settings">The settings in effect that have a value, secrets hidden.</param>
internal sealed record MonitorView(
    string Version, string Replica, string? Url, long StartedMs, string Health, ImmutableArray<HealthCheckItem> Checks,
    ImmutableArray<TopicItem> Topics, long MemoryCells, long MemoryCellsLimit, ImmutableArray<StateCount> Models,
    ImmutableArray<ReplicaItem> Replicas, bool AreStatusesRead, bool Forwards, bool Changes,
    ImmutableArray<SettingItem> Settings);
