using DriftMonitor.Display;
using DriftMonitor.Join;

namespace DriftMonitor.Alarms;

/// <summary>Which measure a value of labels, or of two policies, is, and what measures are called.</summary>
public static class Measures
{
    private static readonly string[] Names = [.. Enum.GetValues<Measure>().Select(SnakeCaseName.Of)];

    /// <summary>The name that people and programs are shown.</summary>
    public static string NameOf(Measure measure) => Names[(int)measure];

    /// <summary>The mean cross-entropy by one attribution.</summary>
    public static Measure Of(Attribution attribution) => attribution switch
    {
        Attribution.LabelTime => Measure.CrossEntropyLabelTime,
        Attribution.PredictionTime => Measure.CrossEntropyPredictionTime,
        _ => throw new ArgumentOutOfRangeException(nameof(attribution), attribution, null),
    };

    /// <summary>The mean divergence between two policies, by one estimate.</summary>
    public static Measure Of(PolicyEstimate estimate) => estimate switch
    {
        PolicyEstimate.ExactLiveVsReference => Measure.PolicyKlLiveVsReference,
        PolicyEstimate.ExactReferenceVsLive => Measure.PolicyKlReferenceVsLive,
        PolicyEstimate.K1 => Measure.PolicyKlK1,
        PolicyEstimate.K2 => Measure.PolicyKlK2,
        PolicyEstimate.K3 => Measure.PolicyKlK3,
        _ => throw new ArgumentOutOfRangeException(nameof(estimate), estimate, null),
    };
}
