namespace DriftMonitor.Alarms;

/// <summary>What is configured for the windows of a model.</summary>
/// <param name="Kl">Of the KL divergence from the reference, in either direction.</param>
/// <param name="CrossEntropy">Of the cross-entropy of labels against predictions.</param>
/// <param name="PolicyKl">Of the KL divergence between a policy and its reference policy, in either direction.</param>
public sealed record ConfiguredThresholds(Thresholds Kl, Thresholds CrossEntropy, Thresholds PolicyKl);
