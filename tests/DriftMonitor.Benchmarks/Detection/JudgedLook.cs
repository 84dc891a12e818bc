using System.Collections.Immutable;
using DriftMonitor.Alarms;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A window beside its thresholds.</summary>
/// <param name="Readings">Its values beside them; none where it is not ready.</param>
/// <param name="Note">Has it decided, and returns the alarms that have begun or ended with it.</param>
internal sealed record JudgedLook(ImmutableArray<Reading> Readings, Func<AlarmWatch, ImmutableArray<Alarm>> Note);
