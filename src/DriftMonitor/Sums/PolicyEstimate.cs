namespace DriftMonitor.Sums;

/// <summary>What is averaged over events that tell of two policies: a direction of KL divergence, and how it is estimated.</summary>
public enum PolicyEstimate
{
    /// <summary>KL(current‖reference) of full distributions.</summary>
    ExactLiveVsReference,

    /// <summary>KL(reference‖current) of full distributions.</summary>
    ExactReferenceVsLive,

    /// <summary>KL(current‖reference) from sampled log-probabilities: −ln r.</summary>
    K1,

    /// <summary>KL(current‖reference) from sampled log-probabilities: ½ (ln r)².</summary>
    K2,

    /// <summary>KL(current‖reference) from sampled log-probabilities: (r − 1) − ln r.</summary>
    K3,
}
