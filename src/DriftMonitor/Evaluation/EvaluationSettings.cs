namespace DriftMonitor.Evaluation;

/// <summary>How windows are compared with references.</summary>
/// <param name="PseudoEvents">ε ≥ 0, see <see cref="Divergence.PseudoEvents"/>.</param>
/// <param name="MinimumEvents">A window with fewer events is not ready.</param>
/// <param name="TopClasses">How many classes are named with their contributions.</param>
public sealed record EvaluationSettings(double PseudoEvents = 1, long MinimumEvents = 100, int TopClasses = 10);
