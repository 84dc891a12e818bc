using DriftMonitor.Calibration;

namespace DriftMonitor.Alarms;

/// <summary>What the thresholds of a window's divergence are worked out from.</summary>
/// <param name="Made">It, if it has been made.</param>
/// <param name="Make">Makes it: slow.</param>
/// <param name="Id">Of what it follows from.</param>
/// <param name="IsInUse">Whether it is still wanted.</param>
internal readonly record struct DriftSource(DriftCalibration? Made, Func<DriftCalibration> Make, string Id, Func<bool> IsInUse)
{
    /// <summary>What holds until it has been prepared; null for nothing.</summary>
    public DriftCalibration? Before { get; init; }

    /// <summary>Of how many events the window is to it.</summary>
    public long Events { get; init; }

    /// <summary>The window's part of a budget.</summary>
    public double Share { get; init; }

    /// <summary>Whether a CUSUM has a part.</summary>
    public bool WithCusum { get; init; }

    /// <summary>Whether the window is to it what is compared with: of two live samples the larger is known better.</summary>
    public bool IsTurned { get; init; }

    /// <summary>Its thresholds as the window's.</summary>
    public DriftThresholds Turned(DriftThresholds thresholds) => IsTurned
        ? new(thresholds.KlReferenceVsLiveNats, thresholds.KlLiveVsReferenceNats, thresholds.CusumNats)
        : thresholds;
}
