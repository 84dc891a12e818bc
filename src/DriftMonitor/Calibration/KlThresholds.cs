namespace DriftMonitor.Calibration;

/// <summary>What the KL divergence of a window must exceed to be worth an alarm, one threshold a direction. Nats.</summary>
/// <param name="LiveVsReferenceNats">Of KL(live‖reference).</param>
/// <param name="ReferenceVsLiveNats">Of KL(reference‖live).</param>
public readonly record struct KlThresholds(double LiveVsReferenceNats, double ReferenceVsLiveNats);
