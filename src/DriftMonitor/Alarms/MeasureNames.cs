using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>The names of the values that alarms are about.</summary>
public static class MeasureNames
{
    /// <summary>KL(live‖reference).</summary>
    public const string KlLiveVsReference = "kl_live_vs_reference";

    /// <summary>KL(reference‖live).</summary>
    public const string KlReferenceVsLive = "kl_reference_vs_live";

    /// <summary>What a lasting drift from the reference has added up to over the panes of a window.</summary>
    public const string Cusum = "cusum_live_vs_reference";

    /// <summary>The mean cross-entropy of labels against predictions, by one attribution.</summary>
    public static string Of(Attribution attribution) => attribution switch
    {
        Attribution.LabelTime => "cross_entropy_label_time",
        Attribution.PredictionTime => "cross_entropy_prediction_time",
        _ => throw new ArgumentOutOfRangeException(nameof(attribution), attribution, null),
    };

    /// <summary>The mean divergence between two policies, by one estimate.</summary>
    public static string Of(PolicyEstimate estimate) => estimate switch
    {
        PolicyEstimate.ExactLiveVsReference => "policy_kl_live_vs_reference",
        PolicyEstimate.ExactReferenceVsLive => "policy_kl_reference_vs_live",
        PolicyEstimate.K1 => "policy_kl_k1",
        PolicyEstimate.K2 => "policy_kl_k2",
        PolicyEstimate.K3 => "policy_kl_k3",
        _ => throw new ArgumentOutOfRangeException(nameof(estimate), estimate, null),
    };
}
