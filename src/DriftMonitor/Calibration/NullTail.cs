namespace DriftMonitor.Calibration;

/// <summary>The levels that a window's values exceed so many times in a millisecond with no drift.</summary>
/// <remarks>
/// Two values share a rate evenly: each has the level that it alone would exceed 1/κ times as often, where κ, from 1 for values that go together to 2 for
/// values that do not, is how many more alarms the two raise than one of them.
/// </remarks>
/// <param name="First">How often an alarm begins at a level of the first value.</param>
/// <param name="Second">Of the second value; null when there is none.</param>
/// <param name="Together">κ.</param>
internal sealed record NullTail(AlarmRateTail First, AlarmRateTail? Second, double Together)
{
    /// <summary>The levels at which so many alarms begin in a millisecond; the second is 0 when there is none.</summary>
    public (double First, double Second) LevelsOf(double alarmsPerMs) =>
        (First.LevelOf(alarmsPerMs / Together), Second?.LevelOf(alarmsPerMs / Together) ?? 0);
}
