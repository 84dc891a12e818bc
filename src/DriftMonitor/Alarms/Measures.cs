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
    public static Measure CrossEntropy(Attribution attribution) => attribution switch
    {
        Attribution.LabelTime => Measure.CrossEntropyLabelTime,
        Attribution.PredictionTime => Measure.CrossEntropyPredictionTime,
        _ => throw new ArgumentOutOfRangeException(nameof(attribution), attribution, null),
    };

    /// <summary>The share of wrong predictions by one attribution.</summary>
    public static Measure ErrorRatio(Attribution attribution) => attribution switch
    {
        Attribution.LabelTime => Measure.ErrorRatioLabelTime,
        Attribution.PredictionTime => Measure.ErrorRatioPredictionTime,
        _ => throw new ArgumentOutOfRangeException(nameof(attribution), attribution, null),
    };

    /// <summary>A value of it for people: nats, or percent.</summary>
    public static string TextOf(Measure measure, double? value) => IsRatio(measure) ? NumberText.Percent(value) : NumberText.Nats(value);

    /// <summary>Whether it is a share, and no number of nats.</summary>
    public static bool IsRatio(Measure measure) => measure is Measure.ErrorRatioLabelTime or Measure.ErrorRatioPredictionTime;

    /// <summary>Values of one stream are decided together: the divergences of outputs are, every other measure is for itself.</summary>
    internal static int StreamOf(Measure measure) =>
        measure is Measure.KlLiveVsReference or Measure.KlReferenceVsLive or Measure.CusumLiveVsReference ? 0 : (int)measure;

    /// <summary>The measures of dispersion.</summary>
    public static ImmutableArray<Measure> OfDispersion { get; } = [Measure.EntropyRise, Measure.EntropyFall];

    /// <summary>By how much the mean entropy of outputs has risen, or fallen.</summary>
    public static double? ShiftOf(Measure measure, Evaluation.Dispersion dispersion) =>
        measure == Measure.EntropyFall ? -dispersion.ShiftNats : dispersion.ShiftNats;

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
