using DriftMonitor.Divergence;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Calibration;

/// <summary>Thresholds of a series' KL divergence and CUSUM that keep a budget of false alarms, simulated from its reference.</summary>
/// <remarks>
/// <para>
/// For each window and count of events, driftless streams are drawn from the reference's blocks (<see cref="BlockModel"/>). Windows slide
/// over them and are compared with references drawn likewise (<see cref="DriftlessSimulation"/>). The threshold for a budget is read off
/// the fitted rate at which alarms begin (<see cref="AlarmRateTail"/>). The README of this folder names all files, from the reference to
/// the threshold.
/// </para>
/// <para>
/// The reference keeps blocks of all traffic only. A segment's composition is taken to fluctuate as that of all traffic does, class by
/// class in proportion. Classes that the reference's events never showed have some mass if outputs are one-hot
/// (<see cref="BlockModel.ForSegment"/>). <c>__other__</c> is left out if the reference has none of it, though the evaluator compares it as
/// soon as live events have.
/// </para>
/// <para>
/// Safe for concurrent use. Each result is kept. With 10 classes a window takes about a quarter of a CPU second for each count.
/// </para>
/// </remarks>
public sealed class DriftCalibration
{
    /// <summary>The most classes that can be calibrated: a simulation goes over all of them at every look.</summary>
    public const int MostClasses = 20_000;

    private const int LiveVsReference = 0; // indices of values, in the order of DriftMeasure
    private const int ReferenceVsLive = 1;
    private const int Cusum = 2;
    private const int DivergencesAndCusum = 3; // counts of values that share a budget
    private const int Divergences = 2;

    /// <summary>Events that the reference needs for each class that it has; chosen.</summary>
    private const double EnoughEventsPerClass = 10;

    private readonly ReferenceSnapshot _reference;
    private readonly int _cells; // the classes, and __other__ if the reference has any of it
    private readonly ReferenceDistribution _all;
    private readonly ReferenceDistribution _distribution;
    private readonly CalibratedWindows _windows;
    private readonly PartScale _parts;
    private readonly double _noiseOfOneEvent; // ½ Σ V/q, by which levels at nearby counts scale
    private readonly double _pseudoEvents;
    private readonly bool _isLive;
    private readonly double _referenceEvents;

    /// <param name="reference">The reference.</param>
    /// <param name="segment">One of its segments.</param>
    /// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
    /// <param name="kept">Where results are looked up first and added to; null for nowhere.</param>
    /// <param name="isLive">
    /// Whether two parts of the segment's live traffic are compared, as many events as <see cref="LiveEvents"/> says, and no window with
    /// the reference: what moves both slowly sets neither apart, and there is no CUSUM.
    /// </param>
    /// <exception cref="KeyNotFoundException">The reference does not know the segment.</exception>
    /// <exception cref="ArgumentException">The reference has more than <see cref="MostClasses"/>.</exception>
    public DriftCalibration(
        ReferenceSnapshot reference, string segment, double pseudoEvents, KeptCalibrations? kept = null, bool isLive = false)
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
        (_isLive, _referenceEvents) = (isLive, isLive ? BlockStream.KnownExactly : _distribution.Events);
        var other = reference.ClassSpace.OtherIndex;
        _cells = _distribution.Shares[other] > 0 ? other + 1 : other;
        _noiseOfOneEvent = NoiseFloor.Coefficient(_distribution.Shares, _distribution.Variances);

        // A whole model is built for the variance alone: it is read once for each length, beside simulations that take far longer.
        _parts = new PartScale(
            events => 2 * Noise(events), // T/n + T/m of DriftCusum, a variance without unit as B is
            length => Model(Blocks(length), length, length).FluctuationVariance);
        _windows = new CalibratedWindows(ContentId(), Simulate, Noise, _parts, kept);
    }

    /// <summary>
    /// Of how many live events, compared with what is known exactly, the noise is that of a comparison of two samples: 1/n' = 1/n + 1/m.
    /// </summary>
    public static long LiveEvents(long events, long others) =>
        Math.Max(1, (long)Math.Round(1 / ((1.0 / events) + (1.0 / others)), MidpointRounding.ToEven));

    /// <summary>Whether the reference has no more than <see cref="MostClasses"/>.</summary>
    public static bool CanCalibrate(ReferenceSnapshot reference) => reference.ClassSpace.ClassCount <= MostClasses;

    /// <summary>
    /// The thresholds at a window's present count, by the nearest calibrated one; false if none is calibrated. Never slow.
    /// </summary>
    /// <param name="window">The window.</param>
    /// <param name="events">The window's events.</param>
    /// <param name="budget">The window's own share of the budget.</param>
    /// <param name="thresholds">The thresholds.</param>
    /// <param name="withCusum">Whether the CUSUM shares the budget; else the two divergences have all of it.</param>
    public bool TryThresholds(
        WindowSpec window, long events, FalseAlarmBudget budget, out DriftThresholds thresholds, bool withCusum = true)
    {
        ArgumentNullException.ThrowIfNull(window);
        var known = _windows.Known(window, events);
        thresholds = known is { } levels ? Thresholds(levels, window, events, budget, withCusum) : default;
        return known is not null;
    }

    /// <summary>
    /// The thresholds of what is left of a window when some of its panes do not count; false if they are not known. Never slow.
    /// </summary>
    /// <remarks>
    /// By <see cref="PartScale"/>: the thresholds of a similar window, times the ratio of ½ (T/n + T/m + B). That of the CUSUM comes from
    /// the first similar window that has one, since a window of few panes has none.
    /// </remarks>
    /// <param name="window">The window.</param>
    /// <param name="events">The events that are left.</param>
    /// <param name="leftMs">The time that they cover, above 0.</param>
    /// <param name="windows">All watched windows.</param>
    /// <param name="budget">The window's own share of the budget.</param>
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
                found ??= new DriftThresholds(
                    varianceRatio * whole.KlLiveVsReferenceNats, varianceRatio * whole.KlReferenceVsLiveNats, null);
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

    /// <summary>Marks the shortfalls of the window at about so many events as reported; whether they were not.</summary>
    internal bool TryMarkReported(WindowSpec window, long events) =>
        _windows.TryMarkReported(window.LengthMs, _windows.UpdateLog2Events(window.LengthMs, events));

    /// <summary>Whether thresholds at about so many events are calibrated; until then the nearest calibrated count is used.</summary>
    public bool IsPrepared(WindowSpec window, long events) => _windows.Has(window, events);

    /// <summary>Calibrates what the thresholds at about so many events need. Slow; results are kept.</summary>
    public void Prepare(WindowSpec window, long events) => _windows.Prepare(window, events);

    /// <summary>The thresholds at a count of events, calibrated now if they are not yet.</summary>
    public DriftThresholds Thresholds(WindowSpec window, long events, FalseAlarmBudget budget, bool withCusum = true) =>
        Thresholds(_windows.At(window, events), window, events, budget, withCusum);

    /// <summary>
    /// B of <see cref="DriftCusum"/> over a window: the variance of its means by the traffic itself, without unit. Computed now if not
    /// known.
    /// </summary>
    public double Fluctuation(WindowSpec window) => _parts.FluctuationVariance(window);

    /// <summary>The same if it is known, as it is once there are thresholds; else null. Never slow.</summary>
    public double? KnownFluctuation(WindowSpec window) => _parts.KnownFluctuationVariance(window);

    /// <summary>The keys of all windows and counts that were asked for, under which results are kept.</summary>
    internal IEnumerable<string> Keys => _windows.Keys;

    private DriftThresholds Thresholds(InterpolatedLevels levels, WindowSpec window, long events, FalseAlarmBudget budget, bool withCusum)
    {
        var hasCusum = withCusum && HasCusum(window, events);
        var sharing = hasCusum ? DivergencesAndCusum : Divergences;
        return new(
            Choices * levels.Level(LiveVsReference, budget.PerMs, sharing), Choices * levels.Level(ReferenceVsLive, budget.PerMs, sharing),
            hasCusum ? Choices * levels.Level(Cusum, budget.PerMs) : null);
    }

    private bool HasCusum(WindowSpec window, long events) =>
        !_isLive && WindowPanes.HaveCusum(window, _reference.ClassSpace.OtherIndex + 1, events);

    /// <summary>Levels are those of divergences over all cells: thresholds of independent classes are of the sum.</summary>
    private int Choices => _distribution.Choices;

    /// <summary>The divergence over all cells that sampling alone brings on average, in nats.</summary>
    private double Noise(double events) => _noiseOfOneEvent * ((1 / events) + (1 / _referenceEvents));

    private BlockMatrix Blocks(long windowMs)
    {
        var blocks = BlockMatrix.FromOutputs(_reference.Blocks, _cells);
        return _isLive ? blocks.WithoutSlow(windowMs) : blocks;
    }

    /// <summary>What the reference has too little of to keep a budget over such a window; empty if it has enough.</summary>
    /// <param name="window">The window.</param>
    /// <param name="events">The window's events; 0 for what is missing at any count.</param>
    public ImmutableArray<Shortfall> Shortfalls(WindowSpec window, long events = 0)
    {
        ArgumentNullException.ThrowIfNull(window);
        var ofAny = _windows.Shortfalls(window.LengthMs, _ => ShortfallsOf(window));
        return events == 0 ? ofAny : Shortfall.ForCount(ofAny, _distribution.Events, _windows.UpdateLog2Events(window.LengthMs, events));
    }

    /// <summary>The same if it is known, as it is once there are thresholds; else null. Never slow.</summary>
    internal ImmutableArray<Shortfall>? KnownShortfalls(WindowSpec window, long events) =>
        _windows.KnownShortfalls(window.LengthMs) is { } known
            ? Shortfall.ForCount(known, _distribution.Events, _windows.UpdateLog2Events(window.LengthMs, events))
            : null;

    private ImmutableArray<Shortfall> ShortfallsOf(WindowSpec window)
    {
        var blocks = Blocks(window.LengthMs);
        var classes = _distribution.Shares.Length - _distribution.Shares.Count(0.0);
        return Shortfall.Find(
            blocks, Model(blocks, window.LengthMs, window.LengthMs), window, _distribution.Events, EnoughEventsPerClass * classes / Choices,
            classes - (Choices - 1), // one more than there are degrees of freedom
            _isLive ? window.LengthMs : long.MaxValue); // what is slower was taken out
    }

    private BlockModel Model(BlockMatrix blocks, long lengthMs, long paneMs) =>
        new BlockModel(blocks, _all.Shares[.._cells].ToArray(), _all.Variances[.._cells].ToArray(), lengthMs, paneMs)
            .ForSegment(_distribution.Shares[.._cells], _distribution.Variances[.._cells], _distribution.Events, 1.0 / Choices);

    /// <summary>The hash of everything that is simulated from: the algorithm, the content of the reference and ε, and no name.</summary>
    private string ContentId()
    {
        using var hash = new ContentHash();
        hash.Add($"{(_isLive ? "live" : "drift")}\0{_reference.BlocksId}\0");
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
        var model = Model(Blocks(window.LengthMs), window.LengthMs, window.LengthMs / panes);
        var variances = _distribution.Variances[.._cells].ToArray();
        var measure = new DriftMeasure(
            variances, events, _referenceEvents, _pseudoEvents, Choices,
            HasCusum(window, long.MaxValue) ? (panes, model.FluctuationVariance) : null); // whatever its events: other counts use this tail
        var parts = _parts.Prepare(window);
        var tails = DriftlessSimulation.Run(model, measure, window.LengthMs, panes, events, _referenceEvents, seed);
        return new CalibratedWindow(tails, parts, Shortfalls(window));
    }
}
