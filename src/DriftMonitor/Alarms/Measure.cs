namespace DriftMonitor.Alarms;

/// <summary>What alarms are about. Each value is written in snake case, and they are in the order of these names.</summary>
public enum Measure
{
    /// <summary>The mean cross-entropy of labels against predictions, by the time of the labels.</summary>
    CrossEntropyLabelTime,

    /// <summary>The same by the time of the predictions.</summary>
    CrossEntropyPredictionTime,

    /// <summary>What a lasting drift from the reference has added up to over the panes of a window.</summary>
    CusumLiveVsReference,

    /// <summary>By how much the mean entropy of single outputs is below the reference's: they are surer than they were.</summary>
    EntropyFall,

    /// <summary>By how much it is above the reference's: they are less sure.</summary>
    EntropyRise,

    /// <summary>The share of labels that were not the most probable class, by the time of the labels: 1 − accuracy.</summary>
    ErrorRatioLabelTime,

    /// <summary>The same by the time of the predictions.</summary>
    ErrorRatioPredictionTime,

    /// <summary>KL(live‖reference).</summary>
    KlLiveVsReference,

    /// <summary>KL(reference‖live).</summary>
    KlReferenceVsLive,

    /// <summary>The mean of <see cref="PolicyEstimate.K1"/>.</summary>
    PolicyKlK1,

    /// <summary>The mean of <see cref="PolicyEstimate.K2"/>.</summary>
    PolicyKlK2,

    /// <summary>The mean of <see cref="PolicyEstimate.K3"/>.</summary>
    PolicyKlK3,

    /// <summary>The mean of <see cref="PolicyEstimate.ExactLiveVsReference"/>.</summary>
    PolicyKlLiveVsReference,

    /// <summary>The mean of <see cref="PolicyEstimate.ExactReferenceVsLive"/>.</summary>
    PolicyKlReferenceVsLive,
}
