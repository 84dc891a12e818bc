namespace DriftMonitor.Worker.Configuration;

/// <summary>
/// The topics of ours that predictions and labels are copied into by their ids, so that the join finds both in one partition.
/// </summary>
/// <param name="PredictionsTopic">The topic with the predictions.</param>
/// <param name="LabelsTopic">The topic with the labels.</param>
/// <param name="PredictionSources">The topics that predictions are copied from.</param>
internal sealed record LabelRouting(string PredictionsTopic, string LabelsTopic, ImmutableArray<string> PredictionSources);
