using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>What is known of one series over one window: the evaluation's result. Immutable.</summary>
/// <param name="Window">The live window.</param>
/// <param name="Readiness">Whether the numbers may raise an alarm, and if not, why.</param>
/// <param name="EntropyNats">H(p) of the live window without pseudo-events; null when it is empty.</param>
/// <param name="Reference">The reference compared with; null without one, or if it has another class space or lacks the segment.</param>
/// <param name="Divergences">How far the window is from the reference; null without it, or for an empty one without pseudo-events.</param>
/// <param name="Contributions">The classes that contribute most to KL(live‖reference) in either direction, largest magnitude first.</param>
/// <param name="RestContributionNats">What all other classes contribute together, so that the parts sum to the divergence.</param>
public sealed record DriftReport(
    LiveWindow Window,
    Readiness Readiness,
    double? EntropyNats,
    ReferenceSnapshot? Reference,
    Divergences? Divergences,
    ImmutableArray<ClassContribution> Contributions,
    double RestContributionNats) : StageEvent
{
    /// <summary>
    /// The mean entropy of single outputs over the window, beside that of the reference: how sure they are, whatever their mean is.
    /// </summary>
    public Dispersion Dispersion { get; init; }

    /// <summary>How far two policies are from each other, one entry an estimate that there is.</summary>
    public ImmutableArray<PolicyDivergence> Policy { get; init; } = [];

    /// <summary>How far the window is from the one just before it; null when none is kept.</summary>
    public TrailingDivergence? Trailing { get; init; }

    /// <summary>Whether the drift came suddenly or gradually.</summary>
    public DriftPace Pace => PaceRule.Of(Divergences, Trailing, Window.Classes.Choices);

    /// <summary>Whether a class of the reference stands for all that are not named, so that the divergences are lower bounds.</summary>
    public bool IsLowerBound { get; init; }

    /// <summary>The report of a window that could not be evaluated.</summary>
    internal static DriftReport WithoutNumbers(LiveWindow window) =>
        new(window.WithoutPanes(), Readiness.Failed, null, null, null, [], 0);

    /// <summary>Whether the numbers may raise an alarm.</summary>
    public bool Ready => Readiness == Readiness.Ready;
}
