namespace DriftMonitor.Alarms;

/// <summary>Follows which series are above a threshold, since when and by how much.</summary>
/// <remarks>
/// A window is above from its first reading beyond the threshold until it has been below for its own length: panes that raised it are gone
/// from it by then, so what comes after is a new alarm and not the same one flickering. The alarm of a series is on while any of its
/// windows is above.
/// <code>
///   value      ▁▁▂▇▇▃▇▂▁▁▁▁▁▁▁▁
///   threshold  ────────────────
///   alarm         └── on ────┘    ends one window's length after the last reading above
/// </code>
/// Calibrated thresholds and fixed ones have alarms of their own: a budget counts the former only. Time is the windows' own. Used by one
/// thread.
/// </remarks>
internal sealed class AlarmTracker
{
    private static readonly (AlarmSeverity Severity, bool Calibrated)[] Sorts =
        [.. Enum.GetValues<AlarmSeverity>().SelectMany(severity => new[] { (severity, false), (severity, true) })];

    private readonly Dictionary<(SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity, bool Calibrated), Alarm> _active = [];

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _active.Values;

    /// <summary>Takes the readings of one window in, of one kind.</summary>
    /// <param name="series">The series.</param>
    /// <param name="kind">What the readings are of.</param>
    /// <param name="window">The window.</param>
    /// <param name="toMs">Its exclusive end, epoch milliseconds.</param>
    /// <param name="readings">Its values beside their thresholds; none when it is not ready.</param>
    /// <param name="referenceId">The reference compared with; null for none. An alarm by another ends: what comes is another drift.</param>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(
        SeriesKey series, AlarmKind kind, WindowSpec window, long toMs, IReadOnlyCollection<Reading> readings, string? referenceId = null)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(readings);
        if (readings.Count == 0 && _active.Count == 0)
        {
            return [];
        }

        var changes = ImmutableArray.CreateBuilder<Alarm>(0);
        foreach (var (severity, calibrated) in Sorts)
        {
            var key = (series, kind, severity, calibrated);
            if (referenceId is not null
                && _active.TryGetValue(key, out var other)
                && other.ReferenceId is not null
                && other.ReferenceId != referenceId)
            {
                _active.Remove(key);
                changes.Add(other with { EndedMs = toMs, Above = [] });
            }

            var exceeding = readings.Where(
                reading => reading.Severity == severity && reading.Budget is not null == calibrated && reading.Exceeds).ToArray();
            if (exceeding.Length > 0)
            {
                var highest = exceeding.MaxBy(reading => reading.Rank);
                if (_active.TryGetValue(key, out var on))
                {
                    _active[key] = Above(on, window, toMs, highest);
                }
                else
                {
                    _active[key] = on = new Alarm(
                        series, kind, severity, toMs, null, highest, window, highest, window, toMs,
                        [window.Name])
                    { Above = [new(window, toMs, toMs)], ReferenceId = referenceId };
                    changes.Add(on);
                }
            }
            else if (_active.TryGetValue(key, out var on)
                && PlaceOf(window, on) is >= 0 and var place
                && toMs - on.Above[place].LastMs >= window.LengthMs)
            {
                on = on with { Above = on.Above.RemoveAt(place) };
                _active[key] = on;
                if (on.Above.IsEmpty)
                {
                    _active.Remove(key);
                    changes.Add(on with { EndedMs = toMs });
                }
            }
        }

        return changes.DrainToImmutable();
    }

    /// <summary>Forgets what is no longer followed; its alarms end unsaid.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone)
    {
        ArgumentNullException.ThrowIfNull(gone);
        foreach (var key in _active.Keys.Where(key => gone(key.Series, key.Kind)))
        {
            _active.Remove(key);
        }
    }

    private static Alarm Above(Alarm alarm, WindowSpec window, long toMs, Reading reading)
    {
        var place = PlaceOf(window, alarm);
        var above = place < 0
            ? alarm.Above.Add(new AboveWindow(window, toMs, toMs))
            : alarm.Above.SetItem(place, alarm.Above[place] with { LastMs = toMs });
        var windows = alarm.Windows.Contains(window.Name, StringComparer.Ordinal) ? alarm.Windows : alarm.Windows.Add(window.Name);
        var on = alarm with { Above = above, Windows = windows };
        return reading.Rank.CompareTo(on.Peak.Rank) > 0 ? on with { Peak = reading, PeakWindow = window, PeakMs = toMs } : on;
    }

    /// <summary>Where a window stands among those that are above; negative when it is not.</summary>
    private static int PlaceOf(WindowSpec window, Alarm alarm)
    {
        var place = alarm.Above.Length - 1;
        while (place >= 0 && alarm.Above[place].Window != window)
        {
            place--;
        }

        return place;
    }
}
