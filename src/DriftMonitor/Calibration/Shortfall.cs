namespace DriftMonitor.Calibration;

/// <summary>Something that a reference has too little of for a budget of false alarms to be kept.</summary>
/// <param name="Kind">What, and in which unit.</param>
/// <param name="Has">How much there is.</param>
/// <param name="Enough">How much would be enough.</param>
public readonly record struct Shortfall(ShortfallKind Kind, double Has, double Enough);
