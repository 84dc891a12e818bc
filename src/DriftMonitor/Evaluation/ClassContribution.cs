namespace DriftMonitor.Evaluation;

/// <summary>One class's part in KL(live‖reference); one that holds by itself has both parts, of when it does and when not.</summary>
/// <param name="Class">The class, or <c>__other__</c>.</param>
/// <param name="Nats">
/// p ln(p/q), signed: positive where the live window has more of the class than the reference. With both parts never below 0.
/// </param>
/// <param name="LiveShare">p.</param>
/// <param name="ReferenceShare">q.</param>
public readonly record struct ClassContribution(string Class, double Nats, double LiveShare, double ReferenceShare);
