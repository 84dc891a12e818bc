namespace DriftMonitor.Alarms;

/// <summary>What an alarm is about.</summary>
public enum AlarmKind
{
    /// <summary>The distribution of the outputs is far from its reference.</summary>
    OutputDrift,

    /// <summary>The labels say that predictions cost more than they may.</summary>
    CrossEntropy,

    /// <summary>The labels say that predictions are wrong more often than they may be.</summary>
    Accuracy,

    /// <summary>A policy is far from its reference policy.</summary>
    PolicyKl,

    /// <summary>Single outputs are surer, or less sure, than those of the reference, whatever their mean is.</summary>
    Dispersion,
}
