namespace DriftMonitor.Calibration;

/// <summary>Something that a reference has too little of for a budget of false alarms to be kept over a window.</summary>
/// <remarks>
/// Where traffic fluctuates for longer than the reference shows well, a week is asked for: what goes on for hours goes by the day, and then
/// by weekdays and weekends, which no shorter reference can tell of. So what is asked for does not grow with what is given.
/// </remarks>
/// <param name="Kind">What, and in which unit.</param>
/// <param name="Has">How much there is.</param>
/// <param name="Enough">How much would be enough.</param>
public readonly record struct Shortfall(ShortfallKind Kind, double Has, double Enough)
{
    private const double EnoughWindows = 6;
    private const double EnoughFluctuations = 30;
    private const double Tolerated = 0.95; // a week's reference lacks some minutes of one
    private const double EnoughForRare = 1 / 3.0; // of what is enough, for a rare budget
    private const double RareAlarmsPerWindow = 1e-3; // alarms in a window's length
    private const double WeekMs = 7 * 86_400_000.0;
    private const double EnoughWindowsOfEvents = 4; // fewer than six, should traffic grow a little
    private const double EnoughDegreesOfFreedom = 100; // fluctuations times classes but one: their variance is known to a seventh

    /// <summary>Whether such a window has no threshold for a budget at all.</summary>
    /// <remarks>
    /// The less a reference has, the more references are wrong from the start, and what has begun by that does not end. The rarer alarms
    /// may be, the higher a threshold lies above that: in <c>detection hard</c> a third is enough for one alarm in a thousand windows, and
    /// not for one in 70. What fluctuates in a way that was not seen is beyond any threshold.
    /// </remarks>
    /// <param name="alarmsPerWindow">How many alarms the window's own budget allows in its length.</param>
    public bool Withholds(double alarmsPerWindow) =>
        Kind == ShortfallKind.Fluctuations || Has < Enough * (alarmsPerWindow > RareAlarmsPerWindow ? Tolerated : EnoughForRare);

    /// <summary>What there is too little of for windows of a length; none when there is enough.</summary>
    /// <param name="blocks">The reference's blocks.</param>
    /// <param name="model">What such windows look like by them.</param>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events there are.</param>
    /// <param name="enoughEvents">How many would be enough.</param>
    /// <param name="classes">Of how many classes there is any.</param>
    internal static ImmutableArray<Shortfall> Find(
        BlockMatrix blocks, BlockModel model, WindowSpec window, double events, double enoughEvents, int classes)
    {
        var coveredMs = (double)blocks.CoveredMs(window.LengthMs);
        var fluctuationsMs = model.FluctuationTimeMs * Math.Max(EnoughFluctuations, EnoughDegreesOfFreedom / Math.Max(1, classes - 1));
        Shortfall[] demands =
        [
            coveredMs < Math.Min(fluctuationsMs, Tolerated * WeekMs)
                ? new(ShortfallKind.Fluctuations, coveredMs, Math.Max(WeekMs, EnoughWindows * window.LengthMs))
                : new(ShortfallKind.Time, coveredMs, EnoughWindows * window.LengthMs),
            new(ShortfallKind.Events, events, enoughEvents),
        ];
        return [.. demands.Where(demand => demand.Has < Tolerated * demand.Enough)];
    }

    /// <summary>The same for windows of so many events, which may be many more than the reference has in such a time.</summary>
    /// <param name="others">What there is too little of for any.</param>
    /// <param name="referenceEvents">How many events there are.</param>
    /// <param name="log2Events">About how many a window has: their logarithm to the base of 2, rounded down.</param>
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
