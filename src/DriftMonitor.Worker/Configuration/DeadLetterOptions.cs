namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>DeadLetter</c>.</summary>
internal sealed class DeadLetterOptions
{
    /// <summary>The topic that rejected records are copied to, created if missing; empty for none.</summary>
    public string Topic { get; set; } = "";
}
