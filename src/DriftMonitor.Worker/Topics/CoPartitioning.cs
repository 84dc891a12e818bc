using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Topics;

/// <summary>Whether labels can be found where their predictions are, and their panes where those of outputs are.</summary>
internal static class CoPartitioning
{
    /// <summary>What is wrong, nothing when labels can be joined.</summary>
    /// <param name="present">The topics that exist, with their numbers of partitions.</param>
    public static IEnumerable<string> Problems(FeedbackSettings feedback, IReadOnlyDictionary<string, int> present)
    {
        var setting = $"{feedback.Source.Setting} = '{feedback.Source.Topic}'";
        if (!present.TryGetValue(feedback.Source.Topic, out var labels))
        {
            yield return $"{setting}: that topic does not exist, or may not be seen: create it, its "
                + $"producers own its settings";
            yield break;
        }

        if (feedback.Routing is null
            && feedback.PredictionsTopic is { } topic
            && present.TryGetValue(topic, out var predictions)
            && predictions != labels)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{setting}: that topic has {labels} partitions and {topic} {predictions}: to be joined, a "
                + $"label must be in the partition of the number that its prediction is in, ")
                + "so both topics must have as many partitions, and both producers the same record key (the id, say) and the same "
                + "partitioner; with Feedback:Repartition=true both are copied by their ids into topics of ours and joined there; with "
                + "Feedback:Join=false each label carries its own prediction instead";
        }
    }

    /// <summary>What is wrong, nothing when an id has the same partition in both topics that are routed into.</summary>
    public static IEnumerable<string> RoutedProblems(
        string panes, (string Topic, int Partitions) labels, (string Topic, int Partitions) predictions)
    {
        if (labels.Partitions != predictions.Partitions)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Kafka:PanesTopic = '{panes}': {labels.Topic} has {labels.Partitions} partitions and {predictions.Topic} "
                + $"{predictions.Partitions}: both must have as many. Stop all replicas and delete both: they are created again, and "
                + $"filled "
                + $"from the topics that they are copied from, if the consumer group that ends in -routing is deleted, too");
        }
    }

    /// <summary>What is wrong, nothing when the panes of a model's labels are where those of its outputs are.</summary>
    public static IEnumerable<string> PanesProblems(string panes, int panesPartitions, string labels, int labelsPartitions)
    {
        if (labelsPartitions != panesPartitions)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Kafka:PanesTopic = '{panes}': that topic has {panesPartitions} partitions and {labels} {labelsPartitions}: partitions of "
                + $"one number are read together, so both must have as many. Stop all replicas and delete {labels}: it is created again, "
                + $"and the joins, which keep their stores, publish it anew");
        }
    }
}
