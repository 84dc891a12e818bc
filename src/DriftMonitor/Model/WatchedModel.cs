using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace DriftMonitor.Model;

/// <summary>A model that was admitted: its series, and the class space its outputs are read in.</summary>
/// <remarks>Safe for concurrent use. The series are interned here, so that one model and segment is one object in a process.</remarks>
public sealed class WatchedModel : WatchedName
{
    /// <summary>
    /// How many class spaces may be inferred beside the first, of outputs with other numbers of values; as often may names be added to it.
    /// </summary>
    public const int MaxOtherClasses = 3;

    private const long SilenceOfOthersMs = 3_600_000;
    private const int CellsOfModel = 100; // its objects, and its segments' empty dictionary: 1.6 kB

    private readonly WatchedNames<WatchedSegment> _segments; // and the lock of all that is below
    private readonly HashSet<string> _keptSegments;
    private readonly WatchedModels _models;
    private readonly MemoryShare _share;
    private long _cellsOfClasses;
    private volatile ModelClasses? _classes;
    private volatile OtherClasses[] _others = [];
    private int _grown;
    private long _lastUnknown;

    internal WatchedModel(string name, WatchedModels models, IEnumerable<string> keptSegments)
        : base(name, models.Clock)
    {
        _models = models;
        _share = new MemoryShare(models.Memory);
        _segments = models.NoSegments();
        _keptSegments = new HashSet<string>(keptSegments, StringComparer.Ordinal);
        NameHash = (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()));
        All = new SeriesKey(name, SeriesKey.All);
    }

    /// <summary>What keeps ids of one model apart from those of others.</summary>
    internal long NameHash { get; }

    /// <summary>The series that every event of the model counts in.</summary>
    public SeriesKey All { get; }

    /// <inheritdoc/>
    internal override void Retire()
    {
        lock (_segments)
        {
            base.Retire();
            _share.Fit(0);
            foreach (var segment in _segments.All)
            {
                segment.Retire();
            }
        }
    }

    /// <summary>Takes the memory of a model with its classes and without segments, unless there is not so much left.</summary>
    internal bool TryTakePlace(long cellsOfClasses)
    {
        _cellsOfClasses = cellsOfClasses;
        return _share.TryCover(CellsOfModel + MemoryBudget.CellsOf(1, Name.Length) + cellsOfClasses);
    }

    /// <summary>The class space, null until a reference, the configuration or the first prediction fixes one.</summary>
    public ModelClasses? Classes => _classes;

    /// <summary>Fixes the class space, unless one of a higher generation, or another of the same, is already fixed.</summary>
    /// <returns>The class space that holds now.</returns>
    public ModelClasses Fix(ModelClasses classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        lock (_segments)
        {
            if (_classes is null || classes.Generation > _classes.Generation)
            {
                _classes = classes;
                _others = [];
                if (classes.Generation != ModelClasses.Inferred)
                {
                    _share.Fit(_share.Cells - _cellsOfClasses);
                    _cellsOfClasses = 0;
                }
            }

            return _classes;
        }
    }

    /// <summary>
    /// The class space of outputs with so many values and no names: the one that is fixed, or, where that is only inferred and has another
    /// number of classes, the one that such outputs have inferred. Neither locks nor allocates.
    /// </summary>
    /// <param name="values">How many classes the values are over.</param>
    /// <param name="areIndependent">Whether each holds or not by itself.</param>
    /// <returns>Null when nothing has fixed it yet.</returns>
    public ModelClasses? ClassesOf(int values, bool areIndependent = false)
    {
        var classes = _classes;
        if (classes is not { Generation: ModelClasses.Inferred } || Fits(classes.Space))
        {
            return classes;
        }

        foreach (var other in _others)
        {
            if (Fits(other.Classes.Space))
            {
                other.LatestMs = NowMs;
                return other.Classes;
            }
        }

        return null;

        bool Fits(ClassSpace space) => space.ClassCount == values && (areIndependent ? space.IsIndependent : space.Choices == 1);
    }

    /// <summary>Whether a class space can be inferred beside the one that is inferred.</summary>
    public bool CanInferOther
    {
        get
        {
            var others = _others;
            foreach (var other in others) // a loop: it is asked for each record beyond the bound
            {
                if (IsSilent(other))
                {
                    return true;
                }
            }

            return others.Length < MaxOtherClasses;
        }
    }

    /// <summary>Fixes the class space of outputs whose number of values does not fit the inferred one.</summary>
    /// <param name="space">The space, by positions.</param>
    /// <returns>The class space that such outputs are over; null when there are too many, or no memory is left.</returns>
    public ModelClasses? FixOther(ClassSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        lock (_segments)
        {
            if (ClassesOf(space.ClassCount, space.Choices > 1) is { } known)
            {
                return known; // since fixed by another consumer, or by a reference
            }

            if (!CanInferOther)
            {
                return null;
            }

            OtherClasses[] kept = [.. _others.Length < MaxOtherClasses ? _others : _others.Where(other => !IsSilent(other))];
            var freed = _others.Except(kept).Sum(other => other.Classes.Space.CellsOfNames);
            if (!TryTake(space.CellsOfNames - freed))
            {
                return null;
            }

            var added = new OtherClasses(new ModelClasses(space, ModelClasses.Inferred)) { LatestMs = NowMs };
            _others = [.. kept, added];
            return added.Classes;
        }
    }

    /// <summary>Whether names that an inferred class space does not have are those that it did not have the last time either.</summary>
    /// <remarks>So that one odd record adds no class, and a vocabulary, of which records name a few at random, hardly any.</remarks>
    /// <param name="hash">A hash of the names.</param>
    public bool IsRepeated(long hash) => Interlocked.Exchange(ref _lastUnknown, hash) == hash;

    /// <summary>Whether names may still be added to the class space.</summary>
    public bool CanGrow => _classes is { Generation: ModelClasses.Inferred } && Volatile.Read(ref _grown) < MaxOtherClasses;

    /// <summary>Fixes a class space with more names in the place of the inferred one.</summary>
    /// <param name="present">The class space that lacks the names.</param>
    /// <param name="space">The space with them.</param>
    /// <returns>The class space that holds now.</returns>
    public ModelClasses? Grow(ModelClasses present, ClassSpace space)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(space);
        lock (_segments)
        {
            if (ReferenceEquals(_classes, present) && CanGrow && TryTake(space.CellsOfNames - present.Space.CellsOfNames))
            {
                _grown++;
                _classes = new ModelClasses(space, ModelClasses.Inferred);
            }

            return _classes;
        }
    }

    private long NowMs => Math.Max(0, _models.Clock.LatestMs);

    private bool IsSilent(OtherClasses other) => other.LatestMs < NowMs - SilenceOfOthersMs;

    private bool TryTake(long cells)
    {
        if (!Retired)
        {
            if (!_share.TryCover(_share.Cells + cells))
            {
                return false;
            }

            if (cells < 0)
            {
                _share.Fit(_share.Cells + cells);
            }

            _cellsOfClasses += cells;
        }

        return true;
    }

    /// <summary>Whether there is memory for a class space that a payload would fix; if so, it is taken.</summary>
    /// <remarks>It is given back with the model's place, or when other classes are fixed.</remarks>
    public bool HasRoom(long cells)
    {
        lock (_segments)
        {
            if (_classes is not null || Retired)
            {
                return true;
            }

            var others = _share.Cells - _cellsOfClasses;
            if (!_share.TryCover(others + cells))
            {
                return false;
            }

            _cellsOfClasses = _share.Cells - others;
            return true;
        }
    }

    /// <summary>Segments that a reference names never retire once they have come; versions do, for they come and go.</summary>
    public void KeepSegments(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        lock (_segments)
        {
            foreach (var name in names.Where(name => !SeriesKey.IsVersion(name)))
            {
                _keptSegments.Add(name);
                _segments.Find(name)?.Keep();
            }
        }
    }

    /// <summary>The segment of that name; null when it is new beyond the cap, and for a name that is the monitor's own.</summary>
    public WatchedSegment? Segment(ReadOnlySpan<char> name)
    {
        if (SeriesKey.IsReserved(name))
        {
            return null; // a second object equal to All would be a second register of the same name
        }

        if (_segments.Find(name) is { } known)
        {
            return known;
        }

        lock (_segments)
        {
            if (_segments.Find(name) is { } since)
            {
                return since;
            }

            _segments.MakeRoom();
            if (_segments.IsFull)
            {
                return null; // and no string was made of it: refusing costs no memory
            }

            var admitted = new WatchedSegment(Name, name.ToString(), _models.Clock, _models.Memory);
            if (!Retired && !admitted.TryTakePlace())
            {
                return null;
            }

            if (_keptSegments.Contains(admitted.Name))
            {
                admitted.Keep();
            }

            return _segments.Add(admitted);
        }
    }
}
