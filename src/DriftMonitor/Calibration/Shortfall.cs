namespace DriftMonitor.Calibration;

/// <summary>Something that a reference has too little of for a budget of false alarms to be kept over a window.</summary>
/// <remarks>
/// If the traffic fluctuates for longer than the reference shows well, a week is asked for: what lasts for hours goes by the day, and then
/// by weekdays and weekends, which no shorter reference shows. So what is asked for does not grow with what is given.
/// </remarks>
/// <param name="Kind">What, and in which unit.</param>
/// <param name="Has">How much there is.</param>
/// <param name="Enough">How much would be enough.</param>
public readonly record struct Shortfall(ShortfallKind Kind, double Has, double Enough)
{
    /// <summary>Window lengths of time. Source: rows of independent events in <c>detection hard</c>: 6 keep the budget, 2 do not.</summary>
    private const double EnoughWindows = 6;

    /// <summary>
    /// Window counts of events, of 2^⌊log₂ n⌋ each, so 2 to 4 windows of n; fewer than six, for traffic to grow a little; chosen.
    /// </summary>
    private const double EnoughWindowsOfEvents = 4;

    /// <summary>Fluctuation times, at least; chosen, see the sweep.</summary>
    private const double EnoughFluctuations = 30;

    /// <summary>
    /// Fluctuation times multiplied by (classes − 1): about the degrees of freedom of a variance, which 100 give to a seventh (√(2/100)).
    /// So two classes need 100 fluctuation times, and five or more need <see cref="EnoughFluctuations"/>.
    /// </summary>
    private const double EnoughDegreesOfFreedom = 100;

    /// <summary>The part of what is enough that passes: a reference of a week lacks some minutes of one; chosen.</summary>
    private const double Tolerated = 0.95;

    /// <summary>The part of what is enough that passes for a rare budget. Source: <c>detection hard</c>, two windows of six.</summary>
    private const double EnoughForRare = 1 / 3.0;

    /// <summary>
    /// Alarms in a window's length up to which a budget is rare. Source: <c>detection hard</c>, between one in 70 and in 1,000.
    /// </summary>
    private const double RareAlarmsPerWindow = 1e-3;

    /// <summary>Milliseconds in a week: weekdays and weekends.</summary>
    private const double WeekMs = 7 * 86_400_000.0;

    /// <summary>Whether a window with this shortfall has no threshold for a budget.</summary>
    /// <remarks>
    /// The less a reference has, the more references are wrong from the start, and alarms that begin by that do not end. The rarer alarms
    /// may be, the higher a threshold lies above that error: in <c>detection hard</c> a third is enough for one alarm in a thousand
    /// windows, and not for one in 70. Missing fluctuations withhold the threshold for any budget.
    /// </remarks>
    /// <param name="alarmsPerWindow">How many alarms the window's own budget allows in its length.</param>
    public bool Withholds(double alarmsPerWindow) =>
        Kind == ShortfallKind.Fluctuations || Has < Enough * (alarmsPerWindow > RareAlarmsPerWindow ? Tolerated : EnoughForRare);

    /// <summary>What there is too little of for windows of a length; empty if there is enough.</summary>
    /// <param name="blocks">The reference's blocks.</param>
    /// <param name="model">The model of such windows.</param>
    /// <param name="window">The window.</param>
    /// <param name="events">The reference's events.</param>
    /// <param name="enoughEvents">How many events would be enough, whatever the window's count.</param>
    /// <param name="classes">How many classes (or bins) have any events.</param>
    /// <param name="longestFluctuationMs">How long fluctuations can last that were left in the model.</param>
    internal static ImmutableArray<Shortfall> Find(
        BlockMatrix blocks, BlockModel model, WindowSpec window, double events, double enoughEvents, int classes,
        long longestFluctuationMs = long.MaxValue)
    {
        var coveredMs = (double)blocks.CoveredMs(window.LengthMs);
        var enoughFluctuationsMs = Math.Min(model.FluctuationTimeMs, longestFluctuationMs)
            * Math.Max(EnoughFluctuations, EnoughDegreesOfFreedom / Math.Max(1, classes - 1));

        // A reference that shows too few fluctuations passes with a week. What it is told to need is a week, not the number of
        // fluctuations.
        Shortfall[] demands =
        [
            coveredMs < Math.Min(enoughFluctuationsMs, Tolerated * WeekMs)
                ? new(ShortfallKind.Fluctuations, coveredMs, Math.Max(WeekMs, EnoughWindows * window.LengthMs))
                : new(ShortfallKind.Time, coveredMs, EnoughWindows * window.LengthMs),
            new(ShortfallKind.Events, events, enoughEvents),
        ];
        return [.. demands.Where(demand => demand.Has < Tolerated * demand.Enough)];
    }

    /// <summary>The same for windows of a count of events, which may be many more than the reference has in such a time.</summary>
    /// <param name="others">What there is too little of at any count.</param>
    /// <param name="referenceEvents">The reference's events.</param>
    /// <param name="log2Events">log₂ of the window's events, rounded down.</param>
    internal static ImmutableArray<Shortfall> ForCount(ImmutableArray<Shortfall> others, double referenceEvents, int log2Events)
    {
        var enough = EnoughWindowsOfEvents * Math.Pow(2, log2Events);
        return referenceEvents >= Tolerated * enough
            ? others
            : [
                .. others.Where(demand => demand.Kind != ShortfallKind.Events),
                others.Where(demand => demand.Kind == ShortfallKind.Events)
                    .Append(new Shortfall(ShortfallKind.Events, referenceEvents, enough)).MaxBy(demand => demand.Enough),
            ];
    }
}
