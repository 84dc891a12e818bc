namespace DriftMonitor.Worker.Topics;

/// <summary>How a configured topic stands on the brokers.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Setting">The setting that names it.</param>
/// <param name="Partitions">How many partitions it has, or would be created with; 0 for one that is missing.</param>
/// <param name="State">What is known of it.</param>
internal sealed record TopicStanding(string Topic, string Setting, int Partitions, TopicState State);
