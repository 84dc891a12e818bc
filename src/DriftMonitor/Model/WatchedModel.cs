using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace DriftMonitor.Model;

/// <summary>A model that was admitted: its series, and the class space its outputs are read in.</summary>
/// <remarks>Safe for concurrent use. The series are interned here, so that one model and segment is one object in a process.</remarks>
public sealed class WatchedModel : WatchedName
{
    private const int CellsOfModel = 100; // its objects, and its segments' empty dictionary: 1.6 kB

    private readonly WatchedNames<WatchedSegment> _segments; // and the lock of all that is below
    private readonly HashSet<string> _keptSegments;
    private readonly WatchedModels _models;
    private readonly MemoryShare _share;
    private long _cellsOfClasses;
    private volatile ModelClasses? _classes;

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
                if (classes.Generation != ModelClasses.Inferred)
                {
                    _share.Fit(_share.Cells - _cellsOfClasses);
                    _cellsOfClasses = 0;
                }
            }

            return _classes;
        }
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

    /// <summary>Segments that a reference names never retire once they have come.</summary>
    public void KeepSegments(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        lock (_segments)
        {
            foreach (var name in names)
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
