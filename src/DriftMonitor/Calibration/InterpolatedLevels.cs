namespace DriftMonitor.Calibration;

/// <summary>The levels of a window's values at a count of events, between those of two counts that were simulated.</summary>
/// <param name="Low">Of fewer events.</param>
/// <param name="High">Of more.</param>
/// <param name="Part">How far the count lies between them, over ln n: 0 to 1; null where there is no noise to go by.</param>
/// <param name="LowNoise">How large noise is at the lower count, in any unit.</param>
/// <param name="HighNoise">At the higher.</param>
/// <param name="Noise">At the count itself.</param>
internal readonly record struct InterpolatedLevels(WindowTails Low, WindowTails High, double? Part, double LowNoise, double HighNoise, double Noise)
{
    /// <summary>The level of a value at which so many alarms begin in a millisecond, by the first so many values together.</summary>
    public double Level(int valueIndex, double alarmsPerMs, int valueCount = int.MaxValue)
    {
        var (low, high) = (Low.Level(valueIndex, alarmsPerMs, valueCount), High.Level(valueIndex, alarmsPerMs, valueCount));

        // What has no noise at all, such as a single class, has levels that differ by the pseudo-events alone: the higher, and room for
        // rounding.
        return Part is { } part
            ? Noise * ((low / LowNoise) + (part * ((high / HighNoise) - (low / LowNoise))))
            : (Math.Max(low, high) * 1.001) + 1e-9;
    }
}
