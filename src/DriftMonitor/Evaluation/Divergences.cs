namespace DriftMonitor.Evaluation;

/// <summary>How far a live window p is from its reference q. Undefined values are infinite: only without pseudo-events.</summary>
/// <remarks>
/// Of independent classes (<see cref="ClassSpace.Choices"/>) values in nats and PSI are the sum over the classes, between the distributions
/// of whether each holds; total variation and the square of the Hellinger distance are their mean, so that they stay in [0, 1].
/// </remarks>
/// <param name="KlLiveVsReferenceNats">KL(p‖q).</param>
/// <param name="KlReferenceVsLiveNats">KL(q‖p).</param>
/// <param name="JensenShannonNats">Jensen–Shannon divergence, at most ln 2 (a class).</param>
/// <param name="Psi">Population stability index: the sum of both KLs.</param>
/// <param name="TotalVariation">Total variation distance, in [0, 1].</param>
/// <param name="Hellinger">Hellinger distance, in [0, 1].</param>
/// <param name="NoiseFloorNats">What KL shows with no drift at all, given both numbers of events; NaN for an empty window.</param>
/// <param name="UnseenMassRatio">
/// The share of the live mass in cells where the reference has none; of independent classes that in one output, at most 1.
/// </param>
/// <param name="CusumNats">What a persistent drift added up to over the panes (<see cref="Divergence.DriftCusum"/>); else NaN.</param>
public readonly record struct Divergences(
    double KlLiveVsReferenceNats,
    double KlReferenceVsLiveNats,
    double JensenShannonNats,
    double Psi,
    double TotalVariation,
    double Hellinger,
    double NoiseFloorNats,
    double UnseenMassRatio,
    double CusumNats = double.NaN)
{
    /// <summary>The same by those over the cells of so many choices; the floor is of them already.</summary>
    internal Divergences OfChoices(int choices) => choices == 1 ? this : this with
    {
        KlLiveVsReferenceNats = choices * KlLiveVsReferenceNats,
        KlReferenceVsLiveNats = choices * KlReferenceVsLiveNats,
        JensenShannonNats = choices * JensenShannonNats,
        Psi = choices * Psi,
        UnseenMassRatio = Math.Min(1, choices * UnseenMassRatio),
        CusumNats = choices * CusumNats,
    };
}
