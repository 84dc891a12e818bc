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

    /// <summary>Writes all that levels follow from.</summary>
    public void WriteTo(BinaryWriter bytes)
    {
        bytes.Write((byte)Values.Length);
        for (var value = 0; value < Values.Length; value++)
        {
            Values[value].WriteTo(bytes);
            bytes.Write(Together[value]);
        }
    }

    /// <inheritdoc cref="CalibratedWindow.ReadFrom"/>
    public static NullTail ReadFrom(BinaryReader bytes)
    {
        int count = bytes.ReadByte();
        var (values, together) = (
            ImmutableArray.CreateBuilder<AlarmRateTail>(count), ImmutableArray.CreateBuilder<double>(count));
        for (var value = 0; value < count; value++)
        {
            values.Add(AlarmRateTail.ReadFrom(bytes));
            together.Add(CalibratedWindow.Finite(bytes));
        }

        return count > 0 ? new NullTail(values.MoveToImmutable(), together.MoveToImmutable()) : throw new InvalidDataException();
    }
}
