namespace DriftMonitor.Worker.State;

/// <summary>How an estimate of the divergence between two policies is written: its direction and its estimator.</summary>
internal static class PolicyLabels
{
    public static (string Direction, string Estimator) Of(PolicyEstimate estimate) => estimate switch
    {
        PolicyEstimate.ExactLiveVsReference => ("live_vs_reference", "exact"),
        PolicyEstimate.ExactReferenceVsLive => ("reference_vs_live", "exact"),
        PolicyEstimate.K1 => ("live_vs_reference", "k1"),
        PolicyEstimate.K2 => ("live_vs_reference", "k2"),
        PolicyEstimate.K3 => ("live_vs_reference", "k3"),
        _ => throw new ArgumentOutOfRangeException(nameof(estimate), estimate, null),
    };
}
