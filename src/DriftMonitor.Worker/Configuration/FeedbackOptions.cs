namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Feedback</c>.</summary>
internal sealed class FeedbackOptions
{
    /// <summary>
    /// A short form of a source of labels: their topic, with as many partitions as the predictions topic and the same keys; empty for none.
    /// </summary>
    public string Topic { get; set; } = "";

    /// <summary>How far a label's time may be from its prediction's.</summary>
    public string Horizon { get; set; } = "1h";

    /// <summary>Whether labels are joined by id; else each carries its own prediction.</summary>
    public bool Join { get; set; } = true;

    /// <summary>Whether predictions and labels are copied by their ids into topics of ours, and joined there.</summary>
    public bool Repartition { get; set; }

    /// <summary>Where predictions wait for their labels, each replica's own; empty for memory, rebuilt at every start.</summary>
    public string Directory { get; set; } = "";

    /// <summary>MiB of memory for what is read of the directory, all partitions together.</summary>
    public int BlockCacheMiB { get; set; } = 64;

    /// <summary>MiB of memory for what is written to the directory, each partition.</summary>
    public int WriteBufferMiB { get; set; } = 32;
}
