using System.Collections.Concurrent;

namespace DriftMonitor.Worker.State;

/// <summary>What every series' windows were evaluated to over the last hours, for who looks at a chart.</summary>
/// <remarks>
/// In memory only, so it is empty after a start or a takeover. A window takes 40 bytes a point, at most 9.6 kB; beyond so many windows as
/// fit, further ones have no history. Written by one thread at a time; safe to be read meanwhile.
/// </remarks>
/// <param name="maxBytes">What all of them may take.</param>
internal sealed class EvaluationHistory(long maxBytes)
{
    /// <summary>How many points of a window are kept.</summary>
    public const int Points = 240;

    private const long LeastKeptMs = 4 * 3_600_000;
    private const int FewestPoints = 15; // a ring grows by doubling

    private readonly ConcurrentDictionary<(SeriesKey Series, string Window), Ring> _rings = new();
    private readonly int _most = (int)Math.Min(int.MaxValue, maxBytes / (Points * Point.Bytes));

    /// <summary>How long a stretch is of which the evaluation furthest above its threshold is kept: a slide, or more.</summary>
    public static long StretchMs(WindowSpec window) => Math.Max(window.SlideMs, LeastKeptMs / Points);

    /// <summary>Takes in an evaluation, also one of the same window once more.</summary>
    public void Note(JudgedReport judged)
    {
        var window = judged.Report.Window;
        var key = (window.Series, window.Window.Name);
        if (judged.Report.Divergences is null
            || (!_rings.TryGetValue(key, out var ring) && !(_rings.Count < _most && _rings.TryAdd(key, ring = new Ring()))))
        {
            return;
        }

        ring!.Add(Point.Of(judged), StretchMs(window.Window));
    }

    /// <summary>The points of a window, the oldest first; null where none are kept.</summary>
    public ImmutableArray<Point>? Find(SeriesKey series, string window) =>
        _rings.TryGetValue((series, window), out var ring) ? ring.All() : null;

    /// <summary>Whether there is no room for a window that is not kept yet.</summary>
    public bool IsFull => _rings.Count >= _most;

    /// <summary>Forgets series that are gone.</summary>
    public void Remove(Func<SeriesKey, bool> gone)
    {
        foreach (var (key, _) in _rings.Where(ring => gone(ring.Key.Series)))
        {
            _rings.TryRemove(key, out _);
        }
    }

    /// <summary>An evaluation; NaN for what it does not have.</summary>
    internal readonly record struct Point(
        long ToMs, float Kl, float NoiseFloor, float Warning, float Critical, float Cusum, float CusumThreshold, bool Ready)
    {
        public const int Bytes = 40;

        /// <summary>How many times its threshold it is; the value itself without one.</summary>
        public float Rank => float.MaxNumber(
            Kl / (float.IsNaN(Critical) ? float.IsNaN(Warning) ? 1 : Warning : Critical), Cusum / CusumThreshold);

        public static Point Of(JudgedReport judged)
        {
            var (found, readings) = (judged.Report.Divergences!.Value, judged.Drift);
            return new(
                judged.Report.Window.ToMs, (float)found.KlLiveVsReferenceNats, (float)found.NoiseFloorNats,
                ThresholdOf(AlarmSeverity.Warning), ThresholdOf(AlarmSeverity.Critical), (float)found.CusumNats,
                (float)readings.Where(reading => reading.Measure == Measure.CusumLiveVsReference)
                    .Select(reading => reading.Threshold).DefaultIfEmpty(double.NaN).Min(),
                judged.Report.Ready);

            float ThresholdOf(AlarmSeverity severity) => (float)readings
                .Where(reading => reading.Severity == severity && reading.Measure == Measure.KlLiveVsReference)
                .Select(reading => reading.Threshold).DefaultIfEmpty(double.NaN).First();
        }
    }

    private sealed class Ring
    {
        private Point[] _points = new Point[FewestPoints];
        private int _first;
        private int _count;

        public ImmutableArray<Point> All()
        {
            lock (this)
            {
                return [.. Enumerable.Range(0, _count).Select(i => _points[(_first + i) % _points.Length])];
            }
        }

        public void Add(Point point, long stretchMs)
        {
            lock (this)
            {
                ref var last = ref _points[(_first + Math.Max(0, _count - 1)) % _points.Length];
                if (_count > 0 && last.ToMs / stretchMs == point.ToMs / stretchMs)
                {
                    if (last.ToMs == point.ToMs || !(point.Rank < last.Rank))
                    {
                        last = point;
                    }

                    return;
                }

                if (_count == _points.Length && _count < Points)
                {
                    Array.Resize(ref _points, Math.Min(Points, 2 * _count)); // full, and so in order from 0: it has never turned
                }

                if (_count < _points.Length)
                {
                    _points[_count++] = point;
                }
                else
                {
                    _points[_first] = point;
                    _first = (_first + 1) % _points.Length;
                }
            }
        }
    }
}
