namespace DriftMonitor.Benchmarks.Detection;

/// <summary>How the composition and the rate of a stationary stream vary.</summary>
internal enum Traffic
{
    /// <summary>Every event on its own, at an even rate.</summary>
    Independent,

    /// <summary>Log-shares wander by a standard deviation of 0.3, with a time constant of three minutes.</summary>
    Autocorrelated,

    /// <summary>Log-shares swing by 0.25 and the rate by 70 % over a day.</summary>
    DailyCycle,

    /// <summary>For a minute in twenty, ten times the traffic and one class twice as likely.</summary>
    Bursts,

    /// <summary>As many events in every pane, on their own.</summary>
    Even,
}
