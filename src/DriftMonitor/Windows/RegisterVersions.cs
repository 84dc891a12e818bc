namespace DriftMonitor.Windows;

/// <summary>Which of two values of one pane and source partition counts: the only place where versions are compared.</summary>
/// <remarks>
/// <para>
/// <b>One log: outputs.</b> A register covers the offsets from its first to its last event, and what lies in between follows from the log.
/// The smaller first offset wins, then the larger last one: a value that begins earlier lacks nothing of one that begins later, unless it
/// is a predecessor's that ends before a pane was closed, and closed panes are replaced no more.
/// </para>
/// <para>
/// <b>Two logs: labels.</b> No version of a pane serves, not even "predictions read + labels read":
/// <code>
///               predictions read   labels read   pane 12:00
/// predecessor        100               40        what the first 40 labels say, with all predictions
/// successor           80               70        what 70 labels say, without the last 20 predictions
/// </code>
/// The predecessor has read further in one log, the successor in the other. 150 is more than 140, and still each value lacks what the
/// other has; if the pane is not touched again, it does so for ever. So whole runs are compared, and of a source partition's runs the one
/// that has read most counts, alone: it has published all its panes anew, and its successor reads on until it has read more.
/// </para>
/// </remarks>
public static class RegisterVersions
{
    /// <summary>Whether a register of outputs replaces another of the same series, pane and source partition.</summary>
    public static bool Replaces(this PaneRegister register, PaneRegister other) =>
        register.FirstOffset < other.FirstOffset || (register.FirstOffset == other.FirstOffset && register.LastOffset > other.LastOffset);

    /// <summary>The run of a source partition whose panes of labels count; null while none has said everything once.</summary>
    /// <remarks>
    /// One that is silent for <see cref="WindowPlan.IdlePatienceMs"/> while another is heard of does not count: it may have read most for
    /// ever, of a log that was made anew since. By the records' own times, so all replicas agree.
    /// </remarks>
    /// <param name="runs">All runs of the source partition.</param>
    /// <param name="present">The one that counts now, and goes on to where another has read as much.</param>
    internal static LabelRun? Foremost(IReadOnlyCollection<LabelRun> runs, LabelRun? present)
    {
        var livingMs = LivingMs(runs);
        return runs
            .Where(run => run.Records >= 0 && run.LastSeenMs >= livingMs)
            .OrderByDescending(run => run.Records)
            .ThenByDescending(run => run == present)
            .FirstOrDefault();
    }

    /// <summary>The time of progress from which on a run is taken for living.</summary>
    internal static long LivingMs(IEnumerable<LabelRun> runs) => runs.Max(run => run.LastSeenMs) - WindowPlan.IdlePatienceMs;
}
