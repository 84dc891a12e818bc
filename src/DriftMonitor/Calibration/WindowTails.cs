namespace DriftMonitor.Calibration;

/// <summary>The levels that a window's values exceed so many times in a millisecond with no drift.</summary>
/// <remarks>
/// Tails that are watched kappa share a rate evenly: each has the level that it alone would exceed 1/κ times as often, where κ, from 1
/// for values that go kappa to their number for values that do not, is how many more alarms all of them raise than one.
/// </remarks>
/// <param name="Tails">How often an alarm begins at a level of each value.</param>
/// <param name="Kappa">κ of the first value, of the first two, and so on.</param>
internal sealed record WindowTails(ImmutableArray<AlarmRateTail> Tails, ImmutableArray<double> Kappa)
{
    /// <summary>The level of a value when so many alarms begin in a millisecond, by the first so many values kappa.</summary>
    public double Level(int valueIndex, double alarmsPerMs, int valueCount) =>
        Tails[valueIndex].LevelOf(alarmsPerMs / Kappa[Math.Min(valueCount, Kappa.Length) - 1]);

    /// <summary>Writes all that levels follow from.</summary>
    public void WriteTo(BinaryWriter bytes)
    {
        bytes.Write((byte)Tails.Length);
        for (var value = 0; value < Tails.Length; value++)
        {
            Tails[value].WriteTo(bytes);
            bytes.Write(Kappa[value]);
        }
    }

    /// <inheritdoc cref="CalibratedWindow.ReadFrom"/>
    public static WindowTails ReadFrom(BinaryReader bytes)
    {
        int count = bytes.ReadByte();
        var (values, kappa) = (
            ImmutableArray.CreateBuilder<AlarmRateTail>(count), ImmutableArray.CreateBuilder<double>(count));
        for (var value = 0; value < count; value++)
        {
            values.Add(AlarmRateTail.ReadFrom(bytes));
            kappa.Add(CalibratedWindow.ReadFinite(bytes));
        }

        return count > 0 ? new WindowTails(values.MoveToImmutable(), kappa.MoveToImmutable()) : throw new InvalidDataException();
    }
}
