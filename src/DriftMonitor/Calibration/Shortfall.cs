namespace DriftMonitor.Calibration;

/// <summary>Something that a reference has too little of for a budget of false alarms to be kept.</summary>
/// <param name="Kind">What, and in which unit.</param>
/// <param name="Has">How much there is.</param>
/// <param name="Enough">How much would be enough.</param>
public readonly record struct Shortfall(ShortfallKind Kind, double Has, double Enough)
{
    private const double EnoughWindows = 16;
    private const double EnoughFluctuations = 30;
    private const double EnoughFreedom = 100; // fluctuations times classes but one: their variance is known to a seventh

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
        Shortfall[] demands =
        [
            new(ShortfallKind.Time, coveredMs, EnoughWindows * window.LengthMs),
            new(ShortfallKind.Events, events, enoughEvents),
            new(
                ShortfallKind.Fluctuations, coveredMs,
                model.FluctuationMs * Math.Max(EnoughFluctuations, EnoughFreedom / Math.Max(1, classes - 1))),
        ];
        return [.. demands.Where(demand => demand.Has < demand.Enough)];
    }
}
