namespace DriftMonitor.Calibration;

/// <summary>Something that a reference has too little of for a budget of false alarms to be kept over a window.</summary>
/// <remarks>
/// How long traffic must be seen to fluctuate is asked for in three steps, and never more than a week: what goes on for hours goes by the
/// day, and then by weekdays and weekends, which no shorter reference can tell of. So what is asked for does not grow with what is given.
/// </remarks>
/// <param name="Kind">What, and in which unit.</param>
/// <param name="Has">How much there is.</param>
/// <param name="Enough">How much would be enough.</param>
public readonly record struct Shortfall(ShortfallKind Kind, double Has, double Enough)
{
    private const double EnoughWindows = 6;
    private const double EnoughFluctuations = 30;
    private const double Nearly = 0.95; // a week's reference lacks some minutes of one
    private const double Least = 1 / 3.0; // of what is enough, for a rare budget
    private const double Rare = 1e-3; // alarms in a window's length
    private const double HourMs = 3_600_000;
    private const double EnoughFreedom = 100; // fluctuations times classes but one: their variance is known to a seventh

    private static readonly double[] LongEnoughMs = [3 * HourMs, 24 * HourMs, 7 * 24 * HourMs];

    /// <summary>Whether such a window has no threshold for a budget at all.</summary>
    /// <remarks>
    /// The less a reference has, the more references are wrong from the start, and what has begun by that does not end. The rarer alarms
    /// may be, the higher a threshold lies above that: in <c>detection hard</c> a third is enough for one alarm in a thousand windows, and
    /// not for one in 70. What fluctuates in a way that was not seen is beyond any threshold.
    /// </remarks>
    /// <param name="alarmsPerWindow">How many alarms the window's own budget allows in its length.</param>
    public bool Withholds(double alarmsPerWindow) =>
        Kind == ShortfallKind.Fluctuations || Has < Enough * (alarmsPerWindow > Rare ? Nearly : Least);

    /// <summary>What there is too little of for windows of a length; none when there is enough.</summary>
    /// <param name="blocks">The reference's blocks.</param>
    /// <param name="model">What such windows look like by them.</param>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events there are.</param>
    /// <param name="enoughEvents">How many would be enough.</param>
    /// <param name="classes">Of how many classes there is any.</param>
    internal static ImmutableArray<Shortfall> Of(
        BlockMatrix blocks, BlockModel model, WindowSpec window, double events, double enoughEvents, int classes)
    {
        var coveredMs = (double)blocks.CoveredMs(window.LengthMs);
        var fluctuationsMs = model.FluctuationMs * Math.Max(EnoughFluctuations, EnoughFreedom / Math.Max(1, classes - 1));
        Shortfall[] demands =
        [
            new(ShortfallKind.Time, coveredMs, EnoughWindows * window.LengthMs),
            new(ShortfallKind.Events, events, enoughEvents),
            new(
                ShortfallKind.Fluctuations, coveredMs < fluctuationsMs ? coveredMs : double.PositiveInfinity,
                LongEnoughMs.FirstOrDefault(ms => ms >= fluctuationsMs, LongEnoughMs[^1])),
        ];
        return [.. demands.Where(demand => demand.Has < Nearly * demand.Enough)];
    }

    /// <summary>The same for windows of so many events: of as many, six times as many must be known.</summary>
    /// <param name="others">What there is too little of for any.</param>
    /// <param name="referenceEvents">How many events there are.</param>
    /// <param name="events">About how many a window has; nothing is asked for within a power of two.</param>
    internal static ImmutableArray<Shortfall> With(ImmutableArray<Shortfall> others, double referenceEvents, long events)
    {
        var enough = EnoughWindows * Math.Pow(2, Math.Floor(Math.Log2(Math.Max(1, events))));
        return referenceEvents >= enough
            ? others
            : [
                .. others.Where(demand => demand.Kind != ShortfallKind.Events),
                others.Where(demand => demand.Kind == ShortfallKind.Events)
                    .Append(new Shortfall(ShortfallKind.Events, referenceEvents, enough)).MaxBy(demand => demand.Enough),
            ];
    }
}
