namespace DriftMonitor.Join;

/// <summary>Whose time says which window a labelled prediction counts in. Each value is a label of the metrics, in snake case.</summary>
public enum Attribution
{
    /// <summary>When both were known: the later of the label's time and the prediction's. A window over it is final as soon as it has passed.</summary>
    LabelTime,

    /// <summary>When the prediction was made: comparable with the divergence of the same window, but incomplete until the labels have come.</summary>
    PredictionTime,
}
