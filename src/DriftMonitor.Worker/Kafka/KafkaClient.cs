namespace DriftMonitor.Worker.Kafka;

/// <summary>Our Kafka clients. Each value is a label of the error counter, in lower case.</summary>
internal enum KafkaClient
{
    /// <summary>Stage 1's consumer.</summary>
    Predictions,

    /// <summary>Stage 2's consumer.</summary>
    Panes,

    /// <summary>What publishes panes.</summary>
    Producer,

    /// <summary>What writes down settled panes, and reads them.</summary>
    Rollups,

    /// <summary>What writes models' statuses, and reads them.</summary>
    Status,

    /// <summary>What writes down what calibrations work out, and reads it.</summary>
    Calibrations,

    /// <summary>What reads the references topic.</summary>
    References,

    /// <summary>What copies rejected records.</summary>
    DeadLetters,

    /// <summary>What joins feedback: its consumers and its producer.</summary>
    Feedback,

    /// <summary>What reads the panes of feedback, in no group.</summary>
    FeedbackPanes,

    /// <summary>What reads the predictions and labels that are routed by their ids.</summary>
    Routing,
}
