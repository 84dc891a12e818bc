using DriftMonitor.Evaluation;

namespace DriftMonitor.Alarms;

/// <summary>What is known of a model now, and decides its state. Immutable.</summary>
/// <remarks>
/// All of its traffic decides, no single segment. Labels alone guard no outputs, since they may come late or never: a model with nothing
/// but thresholds of cross-entropy has none here.
/// </remarks>
/// <param name="IsRejected">Whether more than half of its records of late were rejected.</param>
/// <param name="Silence">
/// How long its latest event had been ago when its windows were last given, or is now once it has left, in event time; null when none is
/// known.
/// </param>
/// <param name="SilenceLimit">How long that may be (<see cref="ThresholdsInForce.SilenceLimit"/>).</param>
/// <param name="Windows">The latest window of each length, of all its traffic; none once it has left.</param>
/// <param name="Guard">What thresholds watch in them; null for nothing (<see cref="ThresholdsInForce.Guard"/>).</param>
/// <param name="MinimumEvents">The events that a window needs to be ready.</param>
public sealed record ModelFacts(
    bool IsRejected, TimeSpan? Silence, TimeSpan SilenceLimit, ImmutableArray<JudgedReport> Windows, AlarmKind? Guard, long MinimumEvents)
{
    /// <summary>The state that follows.</summary>
    public ModelState State =>
        IsRejected ? ModelState.Rejected
        : IsSilent ? ModelState.Silent
        : Windows.IsEmpty ? ModelState.Retired
        : LacksReference ? ModelState.NoReference
        : Guard is null ? ModelState.NoThreshold
        : Windows.Any(IsReady) ? Windows.Any(IsGuarded) ? ModelState.Guarded : ModelState.Uncalibrated
        : Windows.Any(IsComplete) && !Windows.Any(WillBeReady) ? ModelState.TooFewEvents
        : ModelState.Filling;

    /// <summary>Whether windows tell of two policies only, and of no distribution over classes.</summary>
    internal static bool HasPoliciesOnly(ImmutableArray<JudgedReport> windows) =>
        windows.All(judged => judged.Report.Window.Events == 0) && windows.Any(judged => !judged.Report.Policy.IsEmpty);

    /// <summary>Once it has left, it is silent for as long again as it may be: then nobody expects it any more.</summary>
    private bool IsSilent => Silence > SilenceLimit && (!Windows.IsEmpty || Silence <= 2 * SilenceLimit);

    /// <summary>A window that could not be evaluated says nothing of its reference, and policies are compared without one.</summary>
    private bool LacksReference =>
        !HasPoliciesOnly(Windows)
        && Windows.Any(judged => judged.Report.Readiness != Readiness.Failed)
        && Windows.All(judged => judged.Report.Reference is null);

    private static bool IsComplete(JudgedReport judged) => judged.Report.Readiness is Readiness.Ready or Readiness.TooFewEvents;

    private bool WillBeReady(JudgedReport judged) => judged.Report.Readiness == Readiness.Incomplete && HasEvents(judged);

    private bool IsReady(JudgedReport judged) => judged.Report.Ready && HasEvents(judged);

    private bool HasEvents(JudgedReport judged) =>
        (Guard == AlarmKind.PolicyKl ? judged.Report.Window.Policy?.Events : judged.Report.Window.Events) >= MinimumEvents;

    /// <summary>What is pending may be a threshold of something else.</summary>
    private bool IsGuarded(JudgedReport judged) =>
        IsReady(judged)
        && (Guard == AlarmKind.PolicyKl ? judged.Policy : judged.Drift)
            .Any(reading => reading.Budget is not null || !(judged.IsPending || judged.IsUnsupported));
}
