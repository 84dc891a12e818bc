using DriftMonitor.Events;

namespace DriftMonitor.Windows;

/// <summary>Stage 2 of one series: merges the registers of all source partitions and slides every window over them.</summary>
/// <remarks>
/// A register that may still be replaced is kept so that it can be taken back exactly; once its source partition has closed the pane it
/// is final and only its sums in the windows remain. Used by one thread.
/// </remarks>
internal sealed class SeriesWindows(SeriesKey series, WindowPlan plan)
{
    private readonly Dictionary<(int SourcePartition, long PaneStartMs), PaneRegister> _replaceable = [];
    private SlidingWindow[] _windows = [];
    private PaneClasses? _classes;
    private long _coveredFromMs = long.MaxValue;
    private long _earliestEventMs = long.MaxValue;

    public long LatestEventMs { get; private set; } = long.MinValue;

    /// <summary>Merges a register, unless a better one is known.</summary>
    /// <returns>Why it was refused, null when it was not.</returns>
    public RegisterRefusal? Apply(PaneRegister register)
    {
        if (_classes?.SpaceId != register.Classes.SpaceId)
        {
            if (_classes is not null && !Supersedes(register, _classes))
            {
                return RegisterRefusal.OtherClasses;
            }

            StartAnew(register);
        }
        else if (register.Classes.Generation > _classes.Generation)
        {
            _classes = register.Classes; // the same classes, confirmed anew: nothing older may take their place
        }

        if (_windows[0].Mass.Length != register.Sums.Cells)
        {
            return RegisterRefusal.WrongCells;
        }

        var key = (register.SourcePartition, register.PaneStartMs);
        if (_replaceable.TryGetValue(key, out var known))
        {
            if (!register.Replaces(known))
            {
                return null;
            }

            foreach (var window in _windows)
            {
                window.Subtract(known.PaneStartMs, known.Sums);
            }
        }

        foreach (var window in _windows)
        {
            window.Add(register.PaneStartMs, register.Sums);
        }

        _replaceable[key] = register;
        LatestEventMs = Math.Max(LatestEventMs, register.LatestEventMs);
        _earliestEventMs = Math.Min(_earliestEventMs, register.EarliestEventMs);
        _coveredFromMs = Math.Min(_coveredFromMs, CoveredFrom(register));
        return null;
    }

    /// <summary>Forgets which registers made up the panes that their source partitions have closed.</summary>
    /// <param name="closedBeforeMs">The event time before which a source partition has closed every pane.</param>
    public void Seal(Func<int, long> closedBeforeMs)
    {
        foreach (var (sourcePartition, paneStart) in _replaceable.Keys)
        {
            if (paneStart + plan.BasePaneMs < closedBeforeMs(sourcePartition))
            {
                _replaceable.Remove((sourcePartition, paneStart));
            }
        }
    }

    /// <summary>Moves every window to a time and gives those that moved, but none that ends before the series' first event.</summary>
    public IEnumerable<LiveWindow> MoveTo(long timeMs) =>
        _windows.Where(window => window.MoveTo(timeMs) && window.ToMs > _earliestEventMs).Select(window => Snapshot(window, retired: false));

    /// <summary>The last windows of a series that is given up.</summary>
    public IEnumerable<LiveWindow> Retire(long timeMs)
    {
        foreach (var window in _windows)
        {
            window.MoveTo(timeMs);
            yield return Snapshot(window, retired: true);
        }
    }

    private LiveWindow Snapshot(SlidingWindow window, bool retired)
    {
        var to = window.ToMs!.Value;
        return new LiveWindow(
            series,
            window.Spec,
            to,
            _classes!,
            window.Events,
            window.Mass.ToArray(),
            _coveredFromMs <= to - window.Spec.LengthMs,
            LatestEventMs,
            retired);
    }

    /// <summary>
    /// A higher generation takes over at once. Any other, such as that of an edited configuration or of the reference gone back to, does
    /// when the present class space has fallen silent: replicas that disagree for a while would else wipe the windows by turns.
    /// </summary>
    private bool Supersedes(PaneRegister register, PaneClasses present) =>
        register.Classes.Generation > present.Generation || plan.ClosedBefore(register.EarliestEventMs) > LatestEventMs;

    private void StartAnew(PaneRegister register)
    {
        _classes = register.Classes;
        _replaceable.Clear();
        _coveredFromMs = long.MaxValue;
        _earliestEventMs = long.MaxValue;
        _windows = [.. plan.Windows.Select(spec => new SlidingWindow(spec, register.Sums.Cells))];
    }

    /// <summary>A pane that began before its first event may have lost some to an earlier start; the next one cannot have.</summary>
    private long CoveredFrom(PaneRegister register) =>
        register.EarliestEventMs == register.PaneStartMs ? register.PaneStartMs : register.PaneStartMs + plan.BasePaneMs;
}
