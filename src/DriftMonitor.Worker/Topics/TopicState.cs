namespace DriftMonitor.Worker.Topics;

/// <summary>What is known of a configured topic.</summary>
internal enum TopicState
{
    Exists,

    /// <summary>One of ours, which the start creates.</summary>
    WillBeCreated,

    /// <summary>One that its producers own.</summary>
    Missing,

    CannotBeRead,
}
