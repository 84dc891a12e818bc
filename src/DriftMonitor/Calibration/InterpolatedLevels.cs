namespace DriftMonitor.Calibration;

/// <summary>The levels of a window's values at a count of events, interpolated between two counts that were simulated.</summary>
/// <param name="Low">Of the lower count.</param>
/// <param name="High">Of the higher count.</param>
/// <param name="Part">Where the count lies between them, over ln n: 0 to 1; null if there is no noise to scale by.</param>
/// <param name="LowNoise">
/// Noise at the lower count. Only ratios of noise are used, so it may be in any unit in which levels are proportional to it: a divergence
/// is proportional to a variance, a mean to a standard deviation.
/// </param>
/// <param name="HighNoise">Noise at the higher count.</param>
/// <param name="Noise">Noise at the count itself.</param>
internal readonly record struct InterpolatedLevels(
    WindowTails Low, WindowTails High, double? Part, double LowNoise, double HighNoise, double Noise)
{
    /// <summary>What a level without noise is raised by, as a factor and in nats: room for rounding; chosen.</summary>
    private const double RoomFactor = 1.001;
    private const double RoomNats = 1e-9;

    /// <inheritdoc cref="WindowTails.Level"/>
    public double Level(int valueIndex, double alarmsPerMs, int valueCount = int.MaxValue)
    {
        var (low, high) = (Low.Level(valueIndex, alarmsPerMs, valueCount), High.Level(valueIndex, alarmsPerMs, valueCount));

        // Without any noise, as of a single class, the two levels differ by pseudo-events alone. The higher is taken, with room for
        // rounding.
        return Part is { } part
            ? Noise * ((low / LowNoise) + (part * ((high / HighNoise) - (low / LowNoise))))
            : (Math.Max(low, high) * RoomFactor) + RoomNats;
    }
}
