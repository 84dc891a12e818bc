namespace DriftMonitor.Calibration;

/// <summary>The levels that a window's values exceed so many times in a millisecond with no drift.</summary>
/// <remarks>
/// Values that are watched together share a rate evenly: each has the level that it alone would exceed 1/κ times as often, where κ, from 1
/// for values that go together to their number for values that do not, is how many more alarms all of them raise than one.
/// </remarks>
/// <param name="Values">How often an alarm begins at a level of each value.</param>
/// <param name="Together">κ of the first value, of the first two, and so on.</param>
internal sealed record NullTail(ImmutableArray<AlarmRateTail> Values, ImmutableArray<double> Together)
{
    /// <summary>The level of a value when so many alarms begin in a millisecond, by the first so many values together.</summary>
    public double LevelOf(int value, double alarmsPerMs, int values) =>
        Values[value].LevelOf(alarmsPerMs / Together[Math.Min(values, Together.Length) - 1]);
}
