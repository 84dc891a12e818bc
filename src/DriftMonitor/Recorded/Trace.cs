namespace DriftMonitor.Recorded;

/// <summary>The evaluations of one window of one series over time, in bounded memory.</summary>
/// <remarks>
/// When there are more than <see cref="MaxPoints"/>, of each two neighbours only the higher stays, and so on for those that follow: a year
/// of evaluations is as many points as a picture can show, with every peak among them.
/// </remarks>
/// <param name="slideMs">Milliseconds between evaluations.</param>
public sealed class Trace(long slideMs)
{
    /// <summary>The most points that are kept.</summary>
    public const int MaxPoints = 4_096;

    private readonly List<TracePoint> _points = [];
    private int _each = 1;
    private int _pending;
    private TracePoint _highest;

    /// <summary>The milliseconds up to its own time that a point stands for.</summary>
    public long SpacingMs => slideMs * _each;

    /// <summary>The points, the earliest first.</summary>
    public IReadOnlyList<TracePoint> Points => _pending == 0 ? _points : [.. _points, _highest];

    /// <summary>Adds the next evaluation.</summary>
    public void Add(TracePoint point)
    {
        _highest = _pending == 0 || point.Height > _highest.Height ? point : _highest;
        if (++_pending < _each)
        {
            return;
        }

        _points.Add(_highest);
        _pending = 0;
        if (_points.Count == MaxPoints)
        {
            for (var i = 0; i < MaxPoints / 2; i++)
            {
                var (first, second) = (_points[2 * i], _points[(2 * i) + 1]);
                _points[i] = second.Height > first.Height ? second : first;
            }

            _points.RemoveRange(MaxPoints / 2, MaxPoints / 2);
            _each *= 2;
        }
    }
}
