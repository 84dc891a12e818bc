using DriftMonitor.Evaluation;

namespace DriftMonitor.Alarms;

/// <summary>A report and its readings, which are worked out once: scrape, alarms and explanations have the same. Immutable.</summary>
/// <param name="Report">The report.</param>
/// <param name="Drift">Both directions of its divergence with their thresholds, and its CUSUM: those that it has.</param>
/// <param name="Policy">Every estimate of its policy KL beside its thresholds: those that it has.</param>
public sealed record JudgedReport(DriftReport Report, ImmutableArray<Reading> Drift, ImmutableArray<Reading> Policy)
{
    /// <summary>
    /// By how much the mean entropy of its outputs has risen or fallen, beside the thresholds of either: those that it has.
    /// </summary>
    public ImmutableArray<Reading> Dispersion { get; init; } = [];

    /// <summary>Whether a threshold is being worked out: with it the window is decided again.</summary>
    public bool IsPending { get; init; }

    /// <summary>Whether the reference has too little for a threshold that a budget asks for.</summary>
    public bool IsUnsupported { get; init; }

    /// <summary>The same without the panes, which are many, for who keeps it.</summary>
    public JudgedReport WithoutPanes() => Report.Window.WithoutPanes() is var window && ReferenceEquals(window, Report.Window)
        ? this
        : this with { Report = Report with { Window = window } };
}
