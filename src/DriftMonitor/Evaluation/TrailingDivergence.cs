namespace DriftMonitor.Evaluation;

/// <summary>How far a live window p is from the one before, t, in a reference's place. Undefined numbers are NaN or infinite.</summary>
/// <param name="Events">How many events the trailing window has.</param>
/// <param name="Readiness">Whether the numbers may be believed, and if not, why: both windows complete, each with enough events.</param>
/// <param name="Classes">
/// How many classes the trailing window has any of, <c>__other__</c> among them; of independent ones, one more than there are.
/// </param>
/// <param name="KlLiveVsTrailingNats">KL(p‖t); NaN when the trailing window is empty.</param>
/// <param name="KlTrailingVsLiveNats">KL(t‖p); NaN when the trailing window is empty.</param>
/// <param name="NoiseFloorNats">KL if nothing moved, by both event counts and the trailing scatter; NaN if either window is empty.</param>
public readonly record struct TrailingDivergence(
    long Events, Readiness Readiness, int Classes, double KlLiveVsTrailingNats, double KlTrailingVsLiveNats, double NoiseFloorNats)
{
    /// <summary>Whether the numbers may be believed.</summary>
    public bool Ready => Readiness == Readiness.Ready;
}
