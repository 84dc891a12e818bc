namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Windows</c>. Durations are whole numbers of ms, s, m, h or d.</summary>
internal sealed class WindowOptions
{
    /// <summary>Windows as length/slide, separated by commas.</summary>
    public string Spans { get; set; } = "5m/10s, 1h/1m, 24h/10m";

    /// <summary>How much older than its own record an event may be.</summary>
    public string AllowedLateness { get; set; } = "1m";

    /// <summary>How far ahead of its own record an event may be.</summary>
    public string AllowedSkew { get; set; } = "1m";

    /// <summary>How far out of order the records of one partition may be.</summary>
    public string DisorderSlack { get; set; } = "10s";

    /// <summary>How often changed panes are published to the panes topic; the smallest slide is a multiple of it.</summary>
    public string PublishInterval { get; set; } = "10s";

    /// <summary>How long after a slide's end its windows are evaluated: half of it is for events to arrive, half for panes to travel.</summary>
    public string EvaluationDelay { get; set; } = "3s";

    /// <summary>The most series that one replica keeps windows for, per partition of the panes topic.</summary>
    public int MaxSeriesPerPartition { get; set; } = 10_000;
}
