namespace DriftMonitor.Worker.State;

/// <summary>How an estimate of the divergence between two policies is written: its direction and its estimator.</summary>
internal static class PolicyLabels
{
    public static (string Direction, string Estimator) Of(Measure measure) => measure switch
    {
        Measure.PolicyKlLiveVsReference => ("live_vs_reference", "exact"),
        Measure.PolicyKlReferenceVsLive => ("reference_vs_live", "exact"),
        Measure.PolicyKlK1 => ("live_vs_reference", "k1"),
        Measure.PolicyKlK2 => ("live_vs_reference", "k2"),
        Measure.PolicyKlK3 => ("live_vs_reference", "k3"),
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, null),
    };
}
