namespace DriftMonitor.Calibration;

/// <summary>What the drift of a window must exceed to be worth an alarm, one threshold a value. Nats.</summary>
/// <param name="KlLiveVsReferenceNats">Of KL(live‖reference).</param>
/// <param name="KlReferenceVsLiveNats">Of KL(reference‖live).</param>
/// <param name="CusumNats">Of <see cref="Divergence.DriftCusum"/>; null for a window that has none, and for a fixed threshold.</param>
public readonly record struct DriftThresholds(double KlLiveVsReferenceNats, double KlReferenceVsLiveNats, double? CusumNats);
