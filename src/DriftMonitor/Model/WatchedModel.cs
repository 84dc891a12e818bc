using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace DriftMonitor.Model;

/// <summary>A model that was admitted: its series, and the class space its outputs are read in.</summary>
/// <remarks>Safe for concurrent use. The series are interned here, so that one model and segment is one object in a process.</remarks>
public sealed class WatchedModel
{
    private const int CellsOfSegment = 5; // a series' key
    private const int CellsOfModel = 100; // its objects, and its segments' empty dictionary: 1.6 kB

    private readonly ConcurrentDictionary<string, SeriesKey> _segments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SeriesKey>.AlternateLookup<ReadOnlySpan<char>> _segmentsBySpan;
    private readonly int _maxSegments;
    private readonly MemoryShare _share;
    private long _cellsOfClasses;
    private readonly WatchedModels _models;
    private volatile ModelClasses? _classes;
    private volatile bool _retired;
    private volatile bool _kept;
    private long _latestMs = long.MinValue;

    internal WatchedModel(string name, int maxSegments, WatchedModels models, MemoryBudget memory)
    {
        _models = models;
        _share = new MemoryShare(memory);
        Name = name;
        NameHash = (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()));
        All = new SeriesKey(name, SeriesKey.All);
        _maxSegments = maxSegments;
        _segmentsBySpan = _segments.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>What keeps ids of one model apart from those of others.</summary>
    internal long NameHash { get; }

    /// <summary>The series that every event of the model counts in.</summary>
    public SeriesKey All { get; }

    /// <summary>Whether it was silent for so long that its place went to another: whoever remembers it must look for it anew.</summary>
    public bool Retired => _retired;

    /// <summary>Gives its place to another, and its memory back.</summary>
    internal void Retire()
    {
        lock (_segments)
        {
            _retired = true;
            _share.Fit(0);
        }
    }

    /// <summary>Takes the memory of a model with its classes and without segments, unless there is not so much left.</summary>
    internal bool TryTakePlace(long cellsOfClasses)
    {
        _cellsOfClasses = cellsOfClasses;
        return _share.TryCover(CellsOfModel + MemoryBudget.CellsOf(1, Name.Length) + cellsOfClasses);
    }

    /// <summary>Takes note of the time of a record of it that counted.</summary>
    internal void Note(long recordMs)
    {
        if (recordMs > Volatile.Read(ref _latestMs))
        {
            Volatile.Write(ref _latestMs, recordMs);
            _models.Note(recordMs);
        }
    }

    /// <summary>It never retires: people have named it.</summary>
    internal void Keep() => _kept = true;

    /// <summary>When it has been silent for so long.</summary>
    internal long SilentFromMs(long silenceMs) =>
        _kept || Volatile.Read(ref _latestMs) is var latest && latest > long.MaxValue - silenceMs ? long.MaxValue : latest + silenceMs;

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
            if (_classes is not null || _retired)
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

    /// <summary>A segment's series; null when it is new beyond the cap, and for a name that is the monitor's own.</summary>
    public SeriesKey? Segment(ReadOnlySpan<char> segment)
    {
        if (SeriesKey.IsReserved(segment))
        {
            return null; // a second object equal to All would be a second register of the same name
        }

        if (_segmentsBySpan.TryGetValue(segment, out var known))
        {
            return known;
        }

        lock (_segments)
        {
            if (_segmentsBySpan.TryGetValue(segment, out var since))
            {
                return since;
            }

            if (_segments.Count >= _maxSegments)
            {
                return null; // and no string was made of it: refusing costs no memory
            }

            if (!_retired && !_share.TryCover(_share.Cells + CellsOfSegment + MemoryBudget.CellsOf(1, segment.Length)))
            {
                return null;
            }

            var name = segment.ToString();
            return _segments[name] = new SeriesKey(Name, name);
        }
    }
}
