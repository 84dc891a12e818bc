namespace DriftMonitor.Worker.Configuration;

/// <summary>Thresholds in nats, for all models (<c>Alarms</c>) or for one (<c>Alarms:Models:MODEL</c>); 0 for none.</summary>
/// <remarks>The defaults are half of the 0.1 and 0.25 by which PSI, the sum of both KL divergences, is read. Cross-entropy and policies have no such custom.</remarks>
internal class ThresholdOptions
{
    /// <summary>Of the KL divergence from the reference, in either direction.</summary>
    public double KlWarningNats { get; set; } = 0.05;

    /// <inheritdoc cref="KlWarningNats"/>
    public double KlCriticalNats { get; set; } = 0.125;

    /// <summary>Of the cross-entropy of labels against predictions.</summary>
    public double CrossEntropyWarningNats { get; set; }

    /// <inheritdoc cref="CrossEntropyWarningNats"/>
    public double CrossEntropyCriticalNats { get; set; }

    /// <summary>Of the KL divergence between a policy and its own reference policy, in either direction.</summary>
    public double PolicyKlWarningNats { get; set; }

    /// <inheritdoc cref="PolicyKlWarningNats"/>
    public double PolicyKlCriticalNats { get; set; }

    /// <summary>A copy, for a model to change what it wants otherwise.</summary>
    public ThresholdOptions Copy() => new()
    {
        KlWarningNats = KlWarningNats,
        KlCriticalNats = KlCriticalNats,
        CrossEntropyWarningNats = CrossEntropyWarningNats,
        CrossEntropyCriticalNats = CrossEntropyCriticalNats,
        PolicyKlWarningNats = PolicyKlWarningNats,
        PolicyKlCriticalNats = PolicyKlCriticalNats,
    };
}
