using System.Collections.Immutable;
using DriftMonitor.Events;
using DriftMonitor.Windows;

namespace DriftMonitor.Alarms;

/// <summary>Follows which series are above a threshold, since when and by how much.</summary>
/// <remarks>
/// A window is above from its first reading beyond the threshold until it has been below for its own length: panes that raised it are gone from
/// it by then, so what comes after is a new alarm and not the same one flickering. The alarm of a series is on while any of its windows is above.
/// <code>
///   value      ▁▁▂▇▇▃▇▂▁▁▁▁▁▁▁▁
///   threshold  ────────────────
///   alarm         └── on ────┘    ends one window's length after the last reading above
/// </code>
/// Time is the windows' own. Used by one thread.
/// </remarks>
public sealed class AlarmTracker
{
    private readonly Dictionary<(SeriesKey Series, AlarmKind Kind, AlarmSeverity Severity), State> _states = [];

    /// <summary>The alarms that are on, in no order.</summary>
    public IEnumerable<Alarm> Active => _states.Values.Select(state => state.Alarm).OfType<Alarm>();

    /// <summary>Takes the readings of one window in, of one kind.</summary>
    /// <param name="series">The series.</param>
    /// <param name="kind">What the readings are of.</param>
    /// <param name="window">The window.</param>
    /// <param name="toMs">Its exclusive end, epoch milliseconds.</param>
    /// <param name="readings">Its values beside their thresholds; none when it is not ready.</param>
    /// <returns>The alarms that have begun or ended with it.</returns>
    public ImmutableArray<Alarm> Note(SeriesKey series, AlarmKind kind, WindowSpec window, long toMs, IReadOnlyCollection<Reading> readings)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(readings);
        var changes = ImmutableArray.CreateBuilder<Alarm>(0);
        foreach (var severity in Enum.GetValues<AlarmSeverity>())
        {
            var key = (series, kind, severity);
            var exceeding = readings.Where(reading => reading.Severity == severity && reading.Exceeds).ToArray();
            if (!_states.TryGetValue(key, out var state))
            {
                if (exceeding.Length == 0)
                {
                    continue;
                }

                _states[key] = state = new State();
            }

            if (exceeding.Length > 0)
            {
                var highest = exceeding.MaxBy(reading => reading.Ratio);
                state.LastAboveMs[window] = toMs;
                if (state.Alarm is not { } on)
                {
                    state.Alarm = new Alarm(series, kind, severity, toMs, null, highest, window, highest, window, toMs, [window.Name]);
                    changes.Add(state.Alarm);
                }
                else
                {
                    on = on.Windows.Contains(window.Name) ? on : on with { Windows = on.Windows.Add(window.Name) };
                    state.Alarm = highest.Ratio > on.Peak.Ratio ? on with { Peak = highest, PeakWindow = window, PeakMs = toMs } : on;
                }
            }
            else if (state.LastAboveMs.TryGetValue(window, out var lastAboveMs) && toMs - lastAboveMs >= window.LengthMs)
            {
                state.LastAboveMs.Remove(window);
                if (state.LastAboveMs.Count == 0)
                {
                    _states.Remove(key);
                    changes.Add(state.Alarm! with { EndedMs = toMs });
                }
            }
        }

        return changes.DrainToImmutable();
    }

    /// <summary>Forgets what is no longer followed; its alarms end unsaid.</summary>
    public void Forget(Func<SeriesKey, AlarmKind, bool> gone)
    {
        ArgumentNullException.ThrowIfNull(gone);
        foreach (var key in _states.Keys)
        {
            if (gone(key.Series, key.Kind))
            {
                _states.Remove(key);
            }
        }
    }

    private sealed class State
    {
        public Alarm? Alarm { get; set; }

        public Dictionary<WindowSpec, long> LastAboveMs { get; } = [];
    }
}
