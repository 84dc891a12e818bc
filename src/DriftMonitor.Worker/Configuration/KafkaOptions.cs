namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Kafka</c>.</summary>
internal sealed class KafkaOptions
{
    public string BootstrapServers { get; set; } = "";

    /// <summary>Replicas with the same group share the work.</summary>
    public string GroupId { get; set; } = "driftmonitor";

    /// <summary>Topics to read predictions from, separated by commas; <c>topic=model</c> where producers do not name the model.</summary>
    public string PredictionTopics { get; set; } = "predictions";

    /// <summary>What the records of a topic are written in, where that is not <c>json</c>.</summary>
    public Dictionary<string, string> Formats { get; set; } = [];

    /// <summary>The topic between the two stages, made when missing; so is <c>….rollups</c>, which windows are restored from.</summary>
    public string PanesTopic { get; set; } = "driftmonitor.panes";

    /// <summary>How many partitions the panes topic is made with: the most replicas that can share the series.</summary>
    public int PanesPartitions { get; set; } = 16;

    /// <summary>Where a group without committed offsets begins: <c>earliest</c> or <c>latest</c>.</summary>
    public string StartFrom { get; set; } = "earliest";

    /// <summary>Any librdkafka property, for all clients.</summary>
    public Dictionary<string, string> Client { get; set; } = [];
}
