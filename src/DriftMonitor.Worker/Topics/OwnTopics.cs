using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Topics;

/// <summary>Our topics, each as it must be.</summary>
internal static class OwnTopics
{
    private const int DeadLetterPartitions = 4;
    private const int WholePartitions = 1; // of topics that every replica reads whole
    private const int KafkasDefaultMaxMessageBytes = 1_048_588;
    private const long DayMs = 86_400_000;
    private const long PanesRetentionMs = 6 * 3_600_000;

    /// <summary>Read again by a successor until its panes have settled, which takes as long as the slowest source partition does.</summary>
    public static OwnTopic Panes(MonitorSettings settings) =>
        new("Kafka:PanesTopic", settings.PanesTopic, settings.PanesPartitions, KafkaClients.MaxMessageBytes, PanesRetentionMs);

    /// <summary>Compaction leaves what the windows reach back; retention takes what series that are gone have left.</summary>
    public static OwnTopic Rollups(MonitorSettings settings, int panesPartitions) =>
        new(
            "Kafka:PanesTopic", settings.RollupsTopic, panesPartitions, KafkaClients.MaxMessageBytes, settings.Plan.SilenceMs + DayMs,
            "compact,delete");

    /// <summary>The last status of each model, and of those that are gone for as long as windows remember.</summary>
    public static OwnTopic Status(MonitorSettings settings, int panesPartitions) =>
        new(
            "Kafka:PanesTopic", settings.StatusTopic, panesPartitions, KafkaClients.MaxMessageBytes, settings.Plan.SilenceMs + DayMs,
            "compact,delete");

    /// <summary>Read whole by every replica at its start. What is in use is written again long before it would be deleted.</summary>
    public static OwnTopic Calibrations(MonitorSettings settings) =>
        new(
            "Kafka:PanesTopic", settings.CalibrationsTopic, WholePartitions, KafkasDefaultMaxMessageBytes,
            (long)CalibrationTopic.Retention.TotalMilliseconds, "compact,delete");

    /// <summary>Read whole by every replica at its start, too, and nobody writes again what it holds.</summary>
    public static OwnTopic References(MonitorSettings settings) =>
        new(
            "Kafka:PanesTopic", settings.ReferencesTopic, WholePartitions, KafkaClients.MaxMessageBytes, OwnTopic.ForEver, "compact");

    /// <summary>Read from its beginning by whoever takes a partition over: all that windows reach back to.</summary>
    public static OwnTopic FeedbackPanes(MonitorSettings settings, int panesPartitions) =>
        new(
            "Kafka:PanesTopic", settings.FeedbackPanesTopic, panesPartitions, KafkasDefaultMaxMessageBytes, settings.Plan.SilenceMs + DayMs,
            "compact,delete");

    /// <summary>Read again by a join whose store is lost: all that may still be joined, or is in a window.</summary>
    public static OwnTopic Routed(MonitorSettings settings, FeedbackSettings feedback, string topic) =>
        new(
            "Kafka:PanesTopic", topic, settings.PanesPartitions, KafkaClients.MaxMessageBytes,
            feedback.Plan.HorizonMs + settings.Plan.SilenceMs + DayMs);

    /// <summary>How long it keeps what was rejected is for whoever reads it to say.</summary>
    public static OwnTopic DeadLetters(string topic) =>
        new("DeadLetter:Topic", topic, DeadLetterPartitions, KafkasDefaultMaxMessageBytes, RetentionMs: null);
}
