namespace DriftMonitor.Join;

/// <summary>Whose time says which window a labelled prediction counts in. Each value is a label of the metrics, in snake case.</summary>
public enum Attribution
{
    /// <summary>When both were known: the later of the label's and the prediction's time. A window is final once it has passed.</summary>
    LabelTime,

    /// <summary>When the prediction was made: comparable with the same window's divergence, but incomplete until labels come.</summary>
    PredictionTime,
}
