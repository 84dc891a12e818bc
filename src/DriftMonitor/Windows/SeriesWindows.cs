namespace DriftMonitor.Windows;

/// <summary>Stage 2 of one series: merges the registers of all source partitions and slides every window over them.</summary>
/// <remarks>
/// A register that may still be replaced is kept so that it can be taken back exactly; once its pane is settled only its sums in the
/// windows remain. Used by one thread.
/// </remarks>
/// <param name="series">The series.</param>
/// <param name="plan">The windows.</param>
/// <param name="isNew">Whether windows have been given since before the series; else a predecessor may have given some of it.</param>
/// <param name="refused">Where events are counted that were merged and that no window will ever cover.</param>
/// <param name="memory">Where the memory of its windows is taken.</param>
internal sealed class SeriesWindows(SeriesKey series, WindowPlan plan, bool isNew, RefusedRegisters refused, MemoryBudget memory)
{
    private const int WeightOfTotals = 6; // in panes: a window's sums and those of the one before, in 128 bits, and a copy that is exported

    private readonly MemoryShare _share = new(memory);
    private readonly UnsettledRegisters _registers = new(plan, refused);
    private readonly SeriesSources _sources = new();
    private OutputWindow[] _windows = [];
    private (bool Live, bool Trailing)[] _complete = [];
    private PaneClasses? _classes;
    private long _earliestEventMs = long.MaxValue;
    private long _passedBeforeMs = long.MinValue;
    private long _coveredFromMs = long.MaxValue;
    private long _lacksBeforeMs = long.MinValue;
    private bool _hasPolicy;
    private long? _classesSinceMs;

    public long LatestEventMs { get; private set; } = long.MinValue;

    /// <summary>From when on every event of the series has been seen.</summary>
    public long CoveredFromMs => Math.Max(_coveredFromMs, _lacksBeforeMs);

    /// <summary>Whether the windows are over a class space that was inferred.</summary>
    public bool IsInferred => _classes?.Inferred is not null;

    /// <summary>Whether nothing was ever taken in.</summary>
    public bool IsEmpty => _classes is null;

    /// <summary>The source partitions that the series' events come from, in growing order.</summary>
    public ImmutableArray<int> Sources => _sources.All;

    /// <summary>Merges a register, unless a better one is known.</summary>
    /// <param name="register">The register.</param>
    /// <param name="vote">Which of the model's inferred class spaces is in force; null when the register's is not inferred.</param>
    /// <param name="merged">How many of its events were merged before.</param>
    /// <returns>Why the others count in no window, null when they do, or there are none.</returns>
    public RegisterRefusal? Apply(PaneRegister register, ClassVote? vote, out long merged)
    {
        merged = 0;
        if (RefusalOf(register, vote) is { } refusal)
        {
            return refusal;
        }

        if (!_registers.TryPut(register, out var before))
        {
            merged = register.Sums.AllEvents;
            return null;
        }

        if (before is not null)
        {
            merged = before.Sums.AllEvents;
            foreach (var window in _windows)
            {
                window.Subtract(before.PaneStartMs, before.Sums);
            }
        }

        foreach (var window in _windows)
        {
            window.Add(register.PaneStartMs, register.Sums, register.LatestEventMs);
        }

        _sources.Add(register.SourcePartition, register.PaneStartMs);
        LatestEventMs = Math.Max(LatestEventMs, register.LatestEventMs);
        _earliestEventMs = Math.Min(_earliestEventMs, register.EarliestEventMs);
        _coveredFromMs = Math.Min(_coveredFromMs, CoveredFrom(register));
        return register.PaneStartMs < _passedBeforeMs ? RegisterRefusal.Passed : null; // what the trailing window holds is kept up anyway
    }

    /// <summary>Takes in a settled pane of before; <paramref name="beforeMs"/> is up to when panes are settled.</summary>
    public void Restore(SettledPane pane, long beforeMs)
    {
        if (!HasRoom(pane.Classes, pane.Sums, pane.Sources.FirstOrDefault()))
        {
            _lacksBeforeMs = Math.Max(_lacksBeforeMs, pane.EndMs);
            return;
        }

        if (_classes?.SpaceId != pane.Classes.SpaceId)
        {
            StartAnew(pane.Classes, pane.Sums.Cells);
        }

        _classesSinceMs = pane.ClassesSinceMs;
        foreach (var window in _windows)
        {
            var isBasePaneOfAnOpenOne = pane.LengthMs == plan.BasePaneMs && window.PaneEnd(pane.StartMs) > beforeMs;
            if (window.Spec.SlideMs == pane.LengthMs || isBasePaneOfAnOpenOne)
            {
                window.Add(pane.StartMs, pane.Sums, pane.LatestEventMs);
            }
        }

        LatestEventMs = Math.Max(LatestEventMs, pane.LatestEventMs);
        _coveredFromMs = Math.Min(_coveredFromMs, pane.CoveredFromMs);
        _earliestEventMs = Math.Min(_earliestEventMs, pane.StartMs);
        foreach (var source in pane.Sources)
        {
            _sources.Add(source, pane.StartMs);
        }
    }

    /// <summary>Gives back what was taken beforehand and not used, where memory follows what panes hold.</summary>
    public void FitMemory()
    {
        if (_windows is [{ IsSparse: true }, ..])
        {
            _share.Fit(WeightOfNames(_classes!) + WeightOfKept());
        }
    }

    /// <summary>Gives all memory back.</summary>
    public void Release() => _share.Fit(0);

    /// <summary>The end of the earliest pane that is not settled.</summary>
    public long NextToSettleMs => _registers.NextToSettleMs;

    /// <summary>Gives the panes that end in (<paramref name="afterMs"/>, <paramref name="upToMs"/>], and forgets their registers.</summary>
    public void Settle(long afterMs, long upToMs, ImmutableArray<SettledPane>.Builder settled)
    {
        settled.AddRange(_registers.Settle(upToMs).Select(pane => Settled(pane.StartMs, plan.BasePaneMs, pane.Sums, pane.LatestEventMs)));
        foreach (var window in _windows.OrderByDescending(window => window.Spec.LengthMs).DistinctBy(window => window.Spec.SlideMs))
        {
            if (window.Spec.SlideMs > plan.BasePaneMs && (afterMs == long.MinValue || window.PaneEnd(afterMs) <= upToMs))
            {
                settled.AddRange(
                    window.PanesThatEnd(afterMs, upToMs).Select(
                        pane => Settled(pane.StartMs, window.Spec.SlideMs, pane.Sums, pane.LatestEventMs)));
            }
        }

        foreach (var window in _windows)
        {
            window.ForgetBehind(upToMs);
        }
    }

    /// <summary>Moves every window to a time; gives those that moved or changed completeness, none ending before the first event.</summary>
    public IEnumerable<LiveWindow> MoveTo(long timeMs, Func<long, long, bool> isComplete)
    {
        Pass(timeMs);
        for (var i = 0; i < _windows.Length; i++)
        {
            var window = _windows[i];
            var moved = window.MoveTo(timeMs);
            if (window.ToMs!.Value is var to && to > _earliestEventMs)
            {
                var from = to - window.Spec.LengthMs;
                var complete = (isComplete(from, to), plan.Trailing && isComplete(from - window.Spec.LengthMs, from));
                if (moved || complete != _complete[i])
                {
                    _complete[i] = complete;
                    yield return Snapshot(window, complete, retired: false);
                }
            }
        }
    }

    /// <summary>The last windows of a series that is given up.</summary>
    public IEnumerable<LiveWindow> Retire(long timeMs)
    {
        Pass(timeMs);
        foreach (var window in _windows)
        {
            window.MoveTo(timeMs);
            yield return Snapshot(window, complete: default, retired: true);
        }
    }

    /// <summary>Takes note of the panes that every window leaves behind, and of those that they leap over.</summary>
    private void Pass(long timeMs)
    {
        var (from, nextFrom) = (long.MaxValue, long.MaxValue);
        OutputWindow? finest = null;
        foreach (var window in _windows)
        {
            from = Math.Min(from, window.FromOf(timeMs));
            nextFrom = Math.Min(nextFrom, window.FromOf(timeMs) + window.Spec.SlideMs);
            finest = finest is null || window.Spec.SlideMs < finest.Spec.SlideMs ? window : finest;
        }

        if (nextFrom <= _passedBeforeMs)
        {
            return;
        }

        var uncoveredFrom = Math.Max(CoveredSoFarMs(finest!), _passedBeforeMs); // what came for panes before that was refused then
        _passedBeforeMs = nextFrom; // the windows that end at this time are given now, and not again
        if (uncoveredFrom < from && finest!.EventsBetween(uncoveredFrom, from) is > 0 and var leapt)
        {
            refused.Add(RegisterRefusal.Passed, leapt);
        }
    }

    /// <summary>Up to when windows have covered panes; a predecessor's may have covered any.</summary>
    private long CoveredSoFarMs(OutputWindow finest) => finest.ToMs ?? (isNew ? long.MinValue : long.MaxValue);

    private LiveWindow Snapshot(OutputWindow window, (bool Live, bool Trailing) complete, bool retired)
    {
        var to = window.ToMs!.Value;
        return new LiveWindow(
            series,
            window.Spec,
            to,
            _classes!,
            window.Events,
            window.Mass.ToArray(),
            complete.Live,
            LatestEventMs,
            retired,
            window.CopyPolicy(),
            window.IsSparse ? window.KeptCells.ToArray() : null)
        {
            Cells = window.Cells,
            SeenFromMs = CoveredFromMs,
            Entropy = window.Entropy,
            Squares = window.CopySquares(),
            Trailing = window.CopyTrailing(complete.Trailing),
            Panes = complete.Live && plan.WithPanes.Contains(series.Model) ? window.CopyPanes() : null,
        };
    }

    /// <summary>Has the windows take a register's classes, unless others are in force, and the memory for its sums.</summary>
    private RegisterRefusal? RefusalOf(PaneRegister register, ClassVote? vote)
    {
        if (!AreInForce(register, vote))
        {
            vote?.NoteRefused(register);
            return RegisterRefusal.OtherClasses;
        }

        if (_classes?.SpaceId != register.Classes.SpaceId)
        {
            if (!HasRoom(register.Classes, register.Sums, register.SourcePartition))
            {
                return Lack(register);
            }

            StartAnew(register.Classes, register.Sums.Cells);
            _classesSinceMs = vote?.SinceMs;
            _lacksBeforeMs = Math.Max(_lacksBeforeMs, vote?.LacksBeforeMs ?? long.MinValue);
        }
        else if (register.Classes.Generation > _classes.Generation)
        {
            _classes = register.Classes; // the same classes, confirmed anew: nothing older may take their place
        }
        else if (register.Classes.Choices > _classes.Choices)
        {
            _classes = _classes with { Choices = register.Classes.Choices }; // a version that knows of no choices settled the panes before
        }

        return _windows[0].Cells != register.Sums.Cells ? RegisterRefusal.WrongCells
            : HasRoom(register.Classes, register.Sums, register.SourcePartition) ? null
            : Lack(register);
    }

    /// <summary>Of inferred class spaces the model's vote decides which is in force; any other must supersede the present one.</summary>
    private bool AreInForce(PaneRegister register, ClassVote? vote)
    {
        var isPresent = _classes?.SpaceId == register.Classes.SpaceId;
        return vote is not null && (_classes is null || IsInferred)
            ? vote.InForce.Id == register.Classes.SpaceId
            : isPresent || _classes is null
            || (Supersedes(register, _classes) && (vote is null || vote.InForce.Id == register.Classes.SpaceId));
    }

    /// <summary>
    /// A higher generation takes over at once. Any other, such as that of an edited configuration or of the reference gone back to, does
    /// when the present class space has fallen silent: replicas that disagree for a while would else wipe the windows by turns.
    /// </summary>
    private bool Supersedes(PaneRegister register, PaneClasses present) =>
        register.Classes.Generation > present.Generation || plan.ClosedBefore(register.EarliestEventMs) > LatestEventMs;

    private RegisterRefusal Lack(PaneRegister register)
    {
        _lacksBeforeMs = Math.Max(_lacksBeforeMs, register.PaneStartMs + plan.BasePaneMs);
        return RegisterRefusal.MemoryLimit;
    }

    /// <summary>Whether there is memory for sums; if so, it is taken: over few cells that of all panes there can ever be.</summary>
    private bool HasRoom(PaneClasses classes, PaneSums sums, int source)
    {
        var had = _hasPolicy;
        _hasPolicy |= sums.Policy is not null;
        var needed = WeightOfNames(classes) + (sums.IsSparse
            ? WeightOfKept() + (sums.Weight * ((2 * plan.Windows.Length) + 1))
            : WeightOfAll(sums.Cells, _sources.CountWith(source)));
        if (!sums.IsSparse && _classes?.SpaceId == classes.SpaceId)
        {
            _share.Cover(needed); // a further source partition, or policies, of a series that has its place
            return true;
        }

        var hasRoom = _share.TryCover(needed);
        _hasPolicy = hasRoom ? _hasPolicy : had;
        return hasRoom;
    }

    /// <summary>The names come with the registers; a model's series share them.</summary>
    private long WeightOfNames(PaneClasses classes) => series.Segment == SeriesKey.All ? classes.Inferred?.CellsOfNames ?? 0 : 0;

    private long WeightOfAll(int cells, int sources) =>
        ((plan.UnsettledPanes * sources) + plan.PanesKept + (WeightOfTotals * plan.Windows.Length))
        * PaneSums.WeightOf(cells, cells, _hasPolicy);

    private long WeightOfKept()
    {
        var weight = _registers.Weight;
        foreach (var window in _windows)
        {
            weight += window.Weight + (WeightOfTotals * PaneSums.WeightOf(window.Cells, window.KeptCells.Length, _hasPolicy));
        }

        return weight;
    }

    private SettledPane Settled(long startMs, long lengthMs, PaneSums sums, long latestEventMs) =>
        new(series, startMs, lengthMs, _classes!, latestEventMs, CoveredFromMs, sums)
        {
            Sources = _sources.By(startMs + lengthMs),
            ClassesSinceMs = _classesSinceMs,
        };

    private void StartAnew(PaneClasses classes, int cells)
    {
        var finest = _windows.MinBy(window => window.Spec.SlideMs);
        if (finest is not null
            && CoveredSoFarMs(finest) is var covered
            && finest.EventsBetween(covered, long.MaxValue) is > 0 and var unseen)
        {
            refused.Add(RegisterRefusal.OtherClasses, unseen);
        }

        _registers.Clear();
        _classes = classes;
        _coveredFromMs = long.MaxValue;
        _earliestEventMs = long.MaxValue;
        var withSquares = plan.Compared.Involves(series);
        _windows = [.. plan.Windows.Select(spec => new OutputWindow(spec, cells, plan.Trailing, withSquares))];
        _complete = new (bool, bool)[_windows.Length];
    }

    /// <summary>A pane that began before its first event may have lost some to an earlier start; the next one cannot have.</summary>
    private long CoveredFrom(PaneRegister register) =>
        register.EarliestEventMs == register.PaneStartMs ? register.PaneStartMs : register.PaneStartMs + plan.BasePaneMs;
}
