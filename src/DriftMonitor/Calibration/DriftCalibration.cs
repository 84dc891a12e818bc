using DriftMonitor.Divergence;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>KL divergence and CUSUM of a series without drift, over windows of any length and count, by its reference's blocks.</summary>
/// <remarks>
/// <para>
/// For each window and count, streams without drift are drawn from the reference (<see cref="BlockModel"/>), windows slid over them and
/// compared with references drawn likewise (<see cref="DriftlessSimulation"/>); the level for a budget is read off the fitted rate at which
/// alarms begin (<see cref="AlarmRateTail"/>).
/// </para>
/// <para>
/// A segment's blocks are not kept: its composition is taken to fluctuate as that of all traffic does, class by class in proportion.
/// Classes that the reference's events never showed are given the mass that Good and Turing would (the share of classes seen once), where
/// outputs are one-hot.
/// </para>
/// <para>Safe for concurrent use. What was worked out once is kept; 10 classes take about a third of a second a window and count.</para>
/// </remarks>
public sealed class DriftCalibration
{
    /// <summary>The most classes that can be calibrated: a simulation goes over all of them at every look.</summary>
    public const int MostClasses = 20_000;

    private const int LiveVsReference = 0; // in the order of DriftMeasure
    private const int ReferenceVsLive = 1;
    private const int Cusum = 2;
    private const double EnoughEventsPerClass = 10;

    private readonly ReferenceSnapshot _reference;
    private readonly int _cells;
    private readonly ReferenceDistribution _all;
    private readonly ReferenceDistribution _distribution;
    private readonly CalibratedWindows _windows;
    private readonly PartScale _parts;
    private readonly double _noiseOfOneEvent; // of a single event, by which levels at nearby counts scale
    private readonly double _pseudoEvents;

    /// <param name="reference">The reference.</param>
    /// <param name="segment">One of its segments.</param>
    /// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
    /// <param name="kept">What others have worked out, and receives what is worked out here; null for nothing.</param>
    /// <exception cref="KeyNotFoundException">The reference does not know the segment.</exception>
    /// <exception cref="ArgumentException">The reference has more than <see cref="MostClasses"/>.</exception>
    public DriftCalibration(ReferenceSnapshot reference, string segment, double pseudoEvents, KeptCalibrations? kept = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfNegative(pseudoEvents);
        if (!CanCalibrate(reference))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{reference.ClassSpace.ClassCount} classes are more than the {MostClasses} that can be calibrated"),
                nameof(reference));
        }

        (_reference, _all, _distribution, _pseudoEvents) = (reference, reference.All, reference.Segments[segment], pseudoEvents);
        var other = reference.ClassSpace.OtherIndex;
        _cells = _distribution.Shares[other] > 0 ? other + 1 : other;
        _noiseOfOneEvent = NoiseFloor.Coefficient(_distribution.Shares, _distribution.Variances);
        _parts = new PartScale(
            events => 2 * Noise(events), // T/n + T/m, beside B
            length => Model(BlockMatrix.FromOutputs(_reference.Blocks, _cells), length, length).FluctuationVariance);
        _windows = new CalibratedWindows(ContentId(), Simulate, Noise, _parts, kept);
    }

    /// <summary>Whether the reference has no more than <see cref="MostClasses"/>.</summary>
    public static bool CanCalibrate(ReferenceSnapshot reference) => reference.ClassSpace.ClassCount <= MostClasses;

    /// <summary>The thresholds at a window's present count, when they have been worked out; never slow.</summary>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events it has.</param>
    /// <param name="budget">The window's own share of how often it may be wrong.</param>
    /// <param name="thresholds">The thresholds.</param>
    /// <param name="withCusum">Whether the CUSUM has a part of the budget: else the divergences have all of it.</param>
    public bool TryThresholds(
        WindowSpec window, long events, FalseAlarmBudget budget, out DriftThresholds thresholds, bool withCusum = true)
    {
        ArgumentNullException.ThrowIfNull(window);
        var known = _windows.Known(window, events);
        thresholds = known is { } levels ? Thresholds(levels, window, events, budget, withCusum) : default;
        return known is not null;
    }

    /// <summary>The thresholds of what is left of a window when some of its panes do not count, when they are known; never slow.</summary>
    /// <remarks>
    /// By <see cref="PartScale"/>: levels are as many times a window's as its ½ (T/n + T/m + B) is. That of the CUSUM comes from the first
    /// such window that has one: of few panes there is none, though what is left may have one.
    /// </remarks>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events are left.</param>
    /// <param name="leftMs">What time is left, above 0.</param>
    /// <param name="windows">All that are watched.</param>
    /// <param name="budget">The window's own share of how often it may be wrong.</param>
    /// <param name="thresholds">The thresholds.</param>
    /// <param name="withCusum">As of <see cref="TryThresholds"/>.</param>
    internal bool TryThresholdsOfPart(
        WindowSpec window, long events, long leftMs, ImmutableArray<WindowSpec> windows, FalseAlarmBudget budget,
        out DriftThresholds thresholds, bool withCusum)
    {
        DriftThresholds? found = null;
        foreach (var (like, likeEvents, varianceRatio) in _parts.SimilarWindows(window, events, leftMs, windows))
        {
            if (TryThresholds(like, likeEvents, budget, out var whole, withCusum))
            {
                found ??= new DriftThresholds(varianceRatio * whole.KlLiveVsReferenceNats, varianceRatio * whole.KlReferenceVsLiveNats, null);
                if (!withCusum || whole.CusumNats is not null)
                {
                    found = found.Value with { CusumNats = varianceRatio * whole.CusumNats };
                    break;
                }
            }
        }

        thresholds = found ?? default;
        return found is not null;
    }

    /// <summary>Whether nobody has been told yet of what windows of about so many events lack; asked, it is told.</summary>
    internal bool TryMarkReported(WindowSpec window, long events) =>
        _windows.TryMarkReported(window.LengthMs, _windows.UpdateLog2Events(window.LengthMs, events));

    /// <summary>Whether thresholds at about so many events are exact: a new count takes the nearest known until it is prepared.</summary>
    public bool IsPrepared(WindowSpec window, long events) => _windows.Has(window, events);

    /// <summary>Works out what the thresholds at about so many events need: slow, and kept.</summary>
    public void Prepare(WindowSpec window, long events) => _windows.Prepare(window, events);

    /// <summary>The thresholds at a count of events, worked out now when they have not been before.</summary>
    public DriftThresholds Thresholds(WindowSpec window, long events, FalseAlarmBudget budget, bool withCusum = true) =>
        Thresholds(_windows.At(window, events), window, events, budget, withCusum);

    /// <summary>B of <see cref="DriftCusum"/> over a window: how much its means differ by themselves. Worked out now if not yet.</summary>
    public double Fluctuation(WindowSpec window) => _parts.FluctuationVariance(window);

    /// <summary>The same when it has been worked out, as it has where there are thresholds; else null. Never slow.</summary>
    public double? KnownFluctuation(WindowSpec window) => _parts.KnownFluctuationVariance(window);

    /// <summary>The keys of all that was asked for, under which it is kept.</summary>
    internal IEnumerable<string> Keys => _windows.Keys;

    private DriftThresholds Thresholds(InterpolatedLevels levels, WindowSpec window, long events, FalseAlarmBudget budget, bool withCusum)
    {
        var values = withCusum ? Cusum + 1 : Cusum;
        return new(
            levels.Level(LiveVsReference, budget.PerMs, values), levels.Level(ReferenceVsLive, budget.PerMs, values),
            withCusum && HasCusum(window, events) ? levels.Level(Cusum, budget.PerMs) : null);
    }

    private bool HasCusum(WindowSpec window, long events) => WindowPanes.HaveCusum(window, _reference.ClassSpace.OtherIndex + 1, events);

    private double Noise(double events) => _noiseOfOneEvent * ((1 / events) + (1.0 / _distribution.Events));

    /// <summary>What the reference has too little of to keep a budget over such a window; none when it has enough.</summary>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events it has; 0 for any number.</param>
    public ImmutableArray<Shortfall> Shortfalls(WindowSpec window, long events = 0)
    {
        ArgumentNullException.ThrowIfNull(window);
        var ofAny = _windows.Shortfalls(window.LengthMs, _ => ShortfallsOf(window));
        return events == 0 ? ofAny : Shortfall.ForCount(ofAny, _distribution.Events, _windows.UpdateLog2Events(window.LengthMs, events));
    }

    /// <summary>The same when it has been worked out, as it has where there are thresholds; else null. Never slow.</summary>
    internal ImmutableArray<Shortfall>? KnownShortfalls(WindowSpec window, long events) =>
        _windows.KnownShortfalls(window.LengthMs) is { } known
            ? Shortfall.ForCount(known, _distribution.Events, _windows.UpdateLog2Events(window.LengthMs, events))
            : null;

    private ImmutableArray<Shortfall> ShortfallsOf(WindowSpec window)
    {
        var blocks = BlockMatrix.FromOutputs(_reference.Blocks, _cells);
        var classes = _distribution.Shares.Length - _distribution.Shares.Count(0.0);
        return Shortfall.Find(
            blocks, Model(blocks, window.LengthMs, window.LengthMs), window, _distribution.Events, EnoughEventsPerClass * classes, classes);
    }

    private BlockModel Model(BlockMatrix blocks, long lengthMs, long paneMs) =>
        new BlockModel(blocks, _all.Shares[.._cells].ToArray(), _all.Variances[.._cells].ToArray(), lengthMs, paneMs)
            .ForSegment(_distribution.Shares[.._cells], _distribution.Variances[.._cells], _distribution.Events);

    /// <summary>The hash of all that is simulated from, which no name is.</summary>
    private string ContentId()
    {
        using var hash = new ContentHash();
        hash.Add($"drift\0{_reference.BlocksId}\0");
        hash.Add(KeptCalibrations.Algorithm, BitConverter.DoubleToInt64Bits(_pseudoEvents), _reference.ClassSpace.CellCount);
        hash.Add(_all.Sums.SquaresOfAll());
        hash.Add(_distribution.Events);
        hash.Add(_distribution.Sums.MassOfAll());
        hash.Add(_distribution.Sums.SquaresOfAll());
        return hash.Text(bytes: 16);
    }

    private CalibratedWindow Simulate(WindowSpec window, double events, int seed)
    {
        var panes = Math.Min(window.Panes, WindowPanes.MostStretches);
        var model = Model(BlockMatrix.FromOutputs(_reference.Blocks, _cells), window.LengthMs, window.LengthMs / panes);
        var variances = _distribution.Variances[.._cells].ToArray();
        var measure = new DriftMeasure(
            variances, events, _distribution.Events, _pseudoEvents, HasCusum(window, long.MaxValue) ? (panes, model.FluctuationVariance) : null);
        var parts = _parts.Prepare(window);
        var tail = DriftlessSimulation.Run(model, measure, window.LengthMs, panes, events, _distribution.Events, seed);
        return new CalibratedWindow(tail, parts, Shortfalls(window));
    }
}
