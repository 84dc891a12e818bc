namespace DriftMonitor.Worker.Wire;

/// <summary>
/// The keys of our records: what compaction keeps the last record of. A model's records are in one partition, whatever the key.
/// </summary>
/// <remarks>
/// With every settled pane goes the key of the one that no window needs any more, to be written with null, so that a compacted topic holds
/// for each series just what its windows reach back. (Not one key for both: a replica that no longer owns the partition, and writes an old
/// pane once more, would take a new one's place.) Keys of what is settled name the configuration of windows: while a group is changed over,
/// replicas of another one write theirs beside ours, not over them.
/// </remarks>
internal sealed class RecordKeys(WindowPlan plan)
{
    private const int Settlements = 64; // of which the last counts, and that is not always the one written last

    /// <summary>The lengths of settled panes, and how many of each are kept: what was written for others says nothing here.</summary>
    public string Levels { get; } = string.Join(' ', plan.Rollups.Select(level => $"{level.LengthMs}*{level.Panes}"));

    /// <summary>What a lane says of a series.</summary>
    public static byte[] Of(SeriesKey series) => Encoding.UTF8.GetBytes($"{series.Model}\0{series.Segment}");

    /// <summary>A test of a model's alarms; no segment is empty.</summary>
    public static byte[] OfTest(string model) => Encoding.UTF8.GetBytes($"{model}\0\0test");

    /// <summary>A pane of a run of the join, or without one the run's progress.</summary>
    public static byte[] Of(int source, ulong runId, FeedbackPaneKey? pane) => Encoding.UTF8.GetBytes(pane is { } key
        ? FormattableString.Invariant(
            $"{source}\0{runId:x}\0{key.Series.Model}\0{key.Series.Segment}\0{(int)key.Attribution}\0{key.LengthMs}\0{key.StartMs}")
        : FormattableString.Invariant($"{source}\0{runId:x}"));

    public byte[] Of(SettledPane pane) => Of(pane, pane.StartMs);

    /// <summary>The key of the pane that expires when another of its series is written: no window reaches back to it any more.</summary>
    public byte[] Expired(SettledPane pane) => Of(pane, LevelOf(pane.LengthMs)!.ExpiredStart(pane.StartMs));

    public byte[] Of(Settlement settlement) => Of(settlement.BeforeMs);

    /// <summary>The key of the settlement that expires with a later one.</summary>
    public byte[] Expired(Settlement settlement) => Of(settlement.BeforeMs - (Settlements * plan.BasePaneMs));

    /// <summary>Whether panes of a length are settled here.</summary>
    public bool HasLevel(long lengthMs) => LevelOf(lengthMs) is not null;

    private RollupLevel? LevelOf(long lengthMs) => plan.Rollups.FirstOrDefault(level => level.LengthMs == lengthMs);

    private byte[] Of(SettledPane pane, long startMs) =>
        Encoding.UTF8.GetBytes($"{pane.Series.Model}\0{pane.Series.Segment}\0{pane.LengthMs}\0{startMs}\0{Levels}");

    private byte[] Of(long settledBeforeMs) => Encoding.UTF8.GetBytes($"{settledBeforeMs}\0{Levels}");
}
