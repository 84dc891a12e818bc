namespace DriftMonitor.Panes;

/// <summary>The windows that every series is watched over, the base pane that feeds them all, and how long a pane stays open.</summary>
/// <remarks>
/// The base pane is the smallest slide; every other slide is a multiple of it, so that longer panes are rolled up from base panes. A pane
/// of one source partition closes when the partition's clock passes its end by the allowed lateness and the disorder slack.
/// </remarks>
public sealed class WindowPlan
{
    /// <summary>Milliseconds a record may take to an idle partition before its pane settles; producers give up after two minutes.</summary>
    public const long IdlePatienceMs = 5 * 60_000;

    /// <summary>A lane silent for more milliseconds holds no windows back: its replica is dead, or its partition gone.</summary>
    public const long LaneSilenceMs = 60_000;

    private WindowPlan(
        ImmutableArray<WindowSpec> windows, long allowedLatenessMs, long allowedSkewMs, long disorderSlackMs, bool trailing,
        ModelSet withPanes, ComparedSegments compared)
    {
        Windows = windows.Sort((one, other) => one.LengthMs.CompareTo(other.LengthMs));
        Trailing = trailing;
        WithPanes = withPanes;
        Compared = compared;
        BasePaneMs = windows.Min(w => w.SlideMs);
        SilenceMs = 2 * windows.Max(w => w.LengthMs);
        Lanes = new LanePlan(BasePaneMs, allowedLatenessMs, allowedSkewMs, disorderSlackMs);
        var longestSlideMs = windows.Max(w => w.SlideMs);
        UnsettledPanes = ((allowedLatenessMs + disorderSlackMs) / BasePaneMs) + 3;
        PanesKept = windows.Sum(window => trailing ? 2L * window.Panes : window.Panes);
        Rollups = [.. windows
            .Append(null)
            .GroupBy(w => w?.SlideMs ?? BasePaneMs, w => w is null ? longestSlideMs / BasePaneMs : trailing ? 2 * w.Panes : w.Panes)
            .Select(level => new RollupLevel(level.Key, (int)level.Max() + RollupLevel.Spare))
            .OrderBy(level => level.LengthMs)];
    }

    /// <summary>The windows, the shortest first: the order in which they are decided.</summary>
    public ImmutableArray<WindowSpec> Windows { get; }

    /// <summary>Whether each series' window before the live one is kept, too, so that the two can be compared.</summary>
    public bool Trailing { get; }

    /// <summary>The models whose complete windows come with their panes, for the decision on their alarms.</summary>
    public ModelSet WithPanes { get; }

    /// <summary>The segments that are compared with the rest of their model's traffic.</summary>
    public ComparedSegments Compared { get; }

    /// <summary>
    /// What settled panes are rolled up to, shortest first: a level for each slide, that of the base pane among them, whose panes also
    /// restore longer ones that are not settled whole yet.
    /// </summary>
    public ImmutableArray<RollupLevel> Rollups { get; }

    /// <summary>What the lanes of all replicas must have in common.</summary>
    public LanePlan Lanes { get; }

    /// <summary>Milliseconds of event time in a base pane.</summary>
    public long BasePaneMs { get; }

    /// <summary>How many milliseconds older than its own record an event may be.</summary>
    public long AllowedLatenessMs => Lanes.AllowedLatenessMs;

    /// <summary>How many milliseconds ahead of its own record an event may be.</summary>
    public long AllowedSkewMs => Lanes.AllowedSkewMs;

    /// <summary>How many milliseconds out of order the records of one source partition may be.</summary>
    public long DisorderSlackMs => Lanes.DisorderSlackMs;

    /// <summary>
    /// How many milliseconds a series' windows wait for what its source partitions are yet to publish, before they move on and are not
    /// complete: a lane publishes once a base pane at least, and one publication may be on its way.
    /// </summary>
    public long PatienceMs => 2 * BasePaneMs;

    /// <summary>
    /// A series without an event for more milliseconds than this is given up: it has only empty windows, and had them for the longest
    /// window's length, so that everybody could see them.
    /// </summary>
    public long SilenceMs { get; }

    /// <summary>How many base panes of a series can be open, or not be settled, while traffic flows.</summary>
    internal long UnsettledPanes { get; }

    /// <summary>The panes of all windows of a series, and of the ones before them where they are kept.</summary>
    internal long PanesKept { get; }

    /// <summary>Checks that the windows fit each other.</summary>
    /// <param name="windows">At least one; names distinct; slides multiples of the smallest.</param>
    /// <param name="allowedLateness">Not negative.</param>
    /// <param name="allowedSkew">Not negative.</param>
    /// <param name="disorderSlack">Not negative.</param>
    /// <param name="trailing">Whether each series' window before the live one is kept, too: twice the panes.</param>
    /// <param name="withPanes">The models whose complete windows bring their panes, a copy of each at every slide; null for none.</param>
    /// <param name="compared">The segments that are compared with the rest of their model's traffic; null for none.</param>
    /// <exception cref="ArgumentException">Names what does not fit.</exception>
    public static WindowPlan Create(
        IEnumerable<WindowSpec> windows, TimeSpan allowedLateness, TimeSpan allowedSkew, TimeSpan disorderSlack, bool trailing = true,
        ModelSet? withPanes = null, ComparedSegments? compared = null)
    {
        var all = windows.ToImmutableArray();
        if (all.IsEmpty)
        {
            throw new ArgumentException("there must be at least one window", nameof(windows));
        }

        var smallest = all.Min(w => w.SlideMs);
        foreach (var window in all)
        {
            if (window.SlideMs % smallest != 0)
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"window {window.Name}: its slide of {window.SlideMs} ms must be a multiple of the smallest slide, {smallest} ms"),
                    nameof(windows));
            }

            if (all.Where(other => other.Name == window.Name).Skip(1).Any())
            {
                throw new ArgumentException(
                    $"window {window.Name} appears twice: a window is named by its length, so each length may appear only once",
                    nameof(windows));
            }
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(allowedLateness, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(allowedSkew, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(disorderSlack, TimeSpan.Zero);
        return new WindowPlan(
            all, (long)allowedLateness.TotalMilliseconds, (long)allowedSkew.TotalMilliseconds, (long)disorderSlack.TotalMilliseconds,
            trailing, withPanes ?? new ModelSet([]), compared ?? ComparedSegments.None);
    }

    /// <summary>The start of the base pane that an event time falls in.</summary>
    public long PaneStart(long eventTimeMs) => eventTimeMs - (((eventTimeMs % BasePaneMs) + BasePaneMs) % BasePaneMs);

    /// <summary>The event time before which ended panes are closed, for a source partition at clock <paramref name="clockMs"/>.</summary>
    public long ClosedBefore(long clockMs) => clockMs - AllowedLatenessMs - DisorderSlackMs;

    /// <summary>The end of the last base pane that is closed where panes which end before <paramref name="closedBeforeMs"/> are.</summary>
    internal long LastClosedEnd(long closedBeforeMs) => PaneStart(closedBeforeMs - 1);

    /// <summary>The event time before which events may be missing when records before time <paramref name="recordMs"/> may be.</summary>
    public long LostBefore(long recordMs) => recordMs + DisorderSlackMs + AllowedSkewMs + 1;

    /// <summary>Where the clock of a source partition stands that has closed what ended before <paramref name="closedBeforeMs"/>.</summary>
    internal long ClockOf(long closedBeforeMs) => closedBeforeMs + AllowedLatenessMs + DisorderSlackMs;
}
