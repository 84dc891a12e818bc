using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DriftMonitor.Windows;

/// <summary>Which of the class spaces that were inferred of a model is in force.</summary>
/// <remarks>
/// The first one, until most events of a minute do not fit it: then the one that most of them have takes over, for all series of the
/// model, once an hour at most. A minute is one of event time, complete when windows may move to its end; those with few events are
/// decided together. Registers replace each other, so that each event counts once however often it is published. Used by one thread.
/// </remarks>
internal sealed class ClassVote(string model, WindowPlan plan, ClassSpace first)
{
    private const long MinuteMs = 60_000;
    private const long LeastTermMs = 60 * MinuteMs;
    private const long LeastEvents = 10;
    private const int MaxRegisters = 20_000; // 1.6 MB: of ten minutes and 256 source partitions

    private readonly long _spanMs = (MinuteMs + plan.BasePaneMs - 1) / plan.BasePaneMs * plan.BasePaneMs;
    private readonly SortedDictionary<long, Dictionary<ClassSpace, long>> _minutes = [];
    private readonly Dictionary<(int SourcePartition, long PaneStartMs, string SpaceId), Refused> _refused = [];
    private Dictionary<ClassSpace, long> _undecided = [];
    private long _decidedBeforeMs = long.MinValue;
    private long _refusedBeforeMs = long.MinValue;
    private long _latestMs;

    /// <summary>The class space in force.</summary>
    public ClassSpace InForce { get; private set; } = first;

    /// <summary>Since when it is in force in the place of another; null for the first.</summary>
    public long? SinceMs { get; private set; }

    /// <summary>Before when events that have the class space in force were refused.</summary>
    public long LacksBeforeMs { get; private set; } = long.MinValue;

    /// <summary>
    /// When nothing of the model has been heard of for so long that the vote is over: longer than a term, so that one cannot be cut short
    /// by silence.
    /// </summary>
    public long IsOverFromMs => _latestMs + Math.Max(plan.SilenceMs, LeastTermMs);

    /// <summary>Takes note of a register of any series, whether its classes are in force or not.</summary>
    public void Note(PaneRegister register) => _latestMs = Math.Max(_latestMs, register.PaneStartMs + plan.BasePaneMs);

    /// <summary>Takes note of a register of any series that counts in no window, since its classes are not in force.</summary>
    public void NoteRefused(PaneRegister register) =>
        _refusedBeforeMs = Math.Max(_refusedBeforeMs, register.PaneStartMs + plan.BasePaneMs);

    /// <summary>Counts the events of a register of all traffic.</summary>
    /// <param name="register">The register, of an inferred class space.</param>
    /// <param name="refused">Whether its classes are not in force.</param>
    /// <param name="merged">If they are, how many of its events are counted.</param>
    public void Count(PaneRegister register, bool refused, long merged)
    {
        var startMs = StartOf(register.PaneStartMs);
        if (startMs < _decidedBeforeMs)
        {
            return;
        }

        if (refused)
        {
            var key = (register.SourcePartition, register.PaneStartMs, register.Classes.SpaceId);
            ref var before = ref CollectionsMarshal.GetValueRefOrNullRef(_refused, key);
            var isKnown = !Unsafe.IsNullRef(ref before);
            var isOlder = isKnown && (register.FirstOffset > before.FirstOffset
                || (register.FirstOffset == before.FirstOffset && register.LastOffset <= before.LastOffset));
            if (isOlder || (!isKnown && _refused.Count >= MaxRegisters)) // what is not known for sure has no vote
            {
                return;
            }

            merged = isKnown ? before.Events : 0;
            _refused[key] = new Refused(register.FirstOffset, register.LastOffset, register.Sums.AllEvents);
        }

        if (!_minutes.TryGetValue(startMs, out var counts))
        {
            _minutes.Add(startMs, counts = []);
        }

        var space = register.Classes.Inferred!;
        counts[space] = counts.GetValueOrDefault(space) + register.Sums.AllEvents - merged;
    }

    /// <summary>Decides the minutes that end by a time.</summary>
    /// <param name="timeMs">The time.</param>
    /// <param name="isInferred">Whether the model's windows are over an inferred class space: no other gives way.</param>
    /// <returns>The change, null for none.</returns>
    public ClassesOutvoted? Decide(long timeMs, bool isInferred)
    {
        ClassesOutvoted? change = null;
        while (change is null && _minutes.Count > 0 && _minutes.First() is var (startMs, counts) && startMs + _spanMs <= timeMs)
        {
            _minutes.Remove(startMs);
            _decidedBeforeMs = startMs + _spanMs;
            foreach (var key in _refused.Keys.Where(key => key.PaneStartMs < _decidedBeforeMs))
            {
                _refused.Remove(key); // allowed while enumerating since .NET Core 3.0
            }

            foreach (var (space, events) in counts)
            {
                _undecided[space] = _undecided.GetValueOrDefault(space) + events;
            }

            if (_undecided.Values.Sum() >= LeastEvents)
            {
                change = isInferred ? Decide(_decidedBeforeMs) : null;
                _undecided = [];
            }
        }

        return change;
    }

    /// <summary>Takes in a settled pane of before.</summary>
    public void Restore(SettledPane pane)
    {
        _latestMs = Math.Max(_latestMs, pane.EndMs);
        InForce = pane.Classes.Inferred!;
        SinceMs = pane.ClassesSinceMs ?? SinceMs;
    }

    private ClassesOutvoted? Decide(long endMs)
    {
        var all = _undecided.Values.Sum();
        var misfits = all - _undecided.GetValueOrDefault(InForce);
        if (2 * misfits <= all || endMs - SinceMs < LeastTermMs)
        {
            return null;
        }

        var (before, next) = (
            InForce,
            _undecided.Where(count => !count.Key.Equals(InForce))
                .OrderByDescending(count => count.Value)
                .ThenBy(count => count.Key.Id, StringComparer.Ordinal)
                .First());
        (InForce, SinceMs, LacksBeforeMs) = (next.Key, endMs, _refusedBeforeMs);
        _minutes.Clear(); // what follows counts anew: what was refused until now may be merged
        _refused.Clear();
        return new ClassesOutvoted(model, before, InForce, endMs, misfits, all);
    }

    /// <summary>The version of a register that was counted, and its events.</summary>
    private readonly record struct Refused(long FirstOffset, long LastOffset, long Events);

    private long StartOf(long timeMs) => timeMs - (((timeMs % _spanMs) + _spanMs) % _spanMs);
}
