namespace DriftMonitor.Alarms;

/// <summary>What is configured for the windows of a model.</summary>
/// <param name="Kl">Of the KL divergence from the reference, in either direction.</param>
/// <param name="CrossEntropy">Of the cross-entropy of labels against predictions.</param>
/// <param name="PolicyKl">Of the KL divergence between a policy and its reference policy, in either direction.</param>
public sealed record ConfiguredThresholds(Thresholds Kl, Thresholds CrossEntropy, Thresholds PolicyKl)
{
    /// <summary>Of the accuracy by labels: a budget at most, as often as cross-entropy's where nothing else is said.</summary>
    public Thresholds Accuracy { get; init; } = new(null, null, CrossEntropy.WarningBudget, CrossEntropy.CriticalBudget);

    /// <summary>Of the mean entropy of single outputs: a budget at most, as often as the divergence's where nothing else is said.</summary>
    public Thresholds Dispersion { get; init; } = new(null, null, Kl.WarningBudget, Kl.CriticalBudget);

    /// <summary>The least that is worth an alarm.</summary>
    public SmallestEffects SmallestEffect { get; init; } = SmallestEffects.Default;

    /// <summary>The segments that are compared with the rest of the model's live traffic, by the same thresholds and budget.</summary>
    public ImmutableArray<string> ComparedWithRest { get; init; } = [];

    /// <summary>Whether outputs are watched pane by pane: drift by any threshold, policies by a budget.</summary>
    public bool WatchesPanes => Kl.HasBudget || Kl.WarningNats is not null || Kl.CriticalNats is not null || PolicyKl.HasBudget;
}
