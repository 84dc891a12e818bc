namespace DriftMonitor.Calibration;

/// <summary>The levels that a window's values exceed so many times in a millisecond with no drift.</summary>
/// <param name="Rate">How often an alarm begins at a level of the first value.</param>
/// <param name="SecondRatio">The second value's level is so many times the first's; 1 when there is none.</param>
internal sealed record NullTail(AlarmRateTail Rate, double SecondRatio);
