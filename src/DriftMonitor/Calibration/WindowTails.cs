namespace DriftMonitor.Calibration;

/// <summary>
/// The levels that a window's values exceed at a given rate while nothing drifts, at one simulated count of events. Immutable.
/// </summary>
/// <remarks>
/// Values that share a rate share it evenly: each has the level that it alone would exceed 1/κ times as often. κ is how many more alarms
/// all of them raise together than the one that raises the most: 1 for values that rise together, their number for values that do not.
/// </remarks>
/// <param name="Tails">The tail of each value.</param>
/// <param name="Kappa">κ of the first value alone (1), of the first two, and so on.</param>
internal sealed record WindowTails(ImmutableArray<AlarmRateTail> Tails, ImmutableArray<double> Kappa)
{
    /// <summary>A value's level if the first values together may begin so many alarms.</summary>
    /// <param name="valueIndex">Which value.</param>
    /// <param name="alarmsPerMs">Alarms per millisecond of all that share them.</param>
    /// <param name="valueCount">How many values share them: the first ones. More than there are means all.</param>
    public double Level(int valueIndex, double alarmsPerMs, int valueCount) =>
        Tails[valueIndex].LevelOf(alarmsPerMs / Kappa[Math.Min(valueCount, Kappa.Length) - 1]);

    /// <summary>Writes everything that levels are computed from.</summary>
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
