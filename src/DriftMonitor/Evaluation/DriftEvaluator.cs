using System.Buffers;
using System.Runtime.CompilerServices;
using DriftMonitor.Divergence;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>Compares live windows with references, and with the windows before them.</summary>
/// <remarks>
/// <c>__other__</c> takes part as a class as soon as it holds mass on either side, so a model whose classes are all known is compared over
/// exactly those. Safe for concurrent use: the smoothed references are cached and immutable.
/// </remarks>
/// <param name="settings">How.</param>
/// <param name="fluctuationOf">
/// B of <see cref="DriftCusum"/> for a series of a reference over a window, null while it is not known: without it no window has a CUSUM.
/// Called at every evaluation of a window that comes with its panes.
/// </param>
/// <param name="configured">The classes that are configured for a model, null for none: their names where there is no reference.</param>
public sealed class DriftEvaluator(
    EvaluationSettings settings, Func<ReferenceSnapshot, SeriesKey, WindowSpec, double?>? fluctuationOf = null,
    Func<string, ClassSpace?>? configured = null)
{
    private const int OnStack = 256; // cells whose scratch is 6 kB: larger class spaces borrow an array

    private readonly ConditionalWeakTable<ReferenceDistribution, SmoothedReference> _smoothed = [];

    /// <summary>How windows are evaluated.</summary>
    public EvaluationSettings Settings => settings;

    /// <summary>
    /// Evaluates a window against the reference of its model, null for none; one that has a <see cref="LiveWindow.Rest"/> against that.
    /// </summary>
    public DriftReport Evaluate(LiveWindow window, ReferenceSnapshot? reference)
    {
        ArgumentNullException.ThrowIfNull(window);
        var events = window.Events > 0 ? window.Events : window.Policy?.Events ?? 0;
        var readiness = !window.Complete ? Readiness.Incomplete
            : events < settings.MinimumEvents ? Readiness.TooFewEvents
            : Readiness.Ready;
        var cells = window.Cells;
        var rented = cells <= OnStack ? null : ArrayPool<double>.Shared.Rent(3 * cells);
        try
        {
            var scratch = rented is null ? stackalloc double[3 * cells] : rented.AsSpan(0, 3 * cells);
            var live = scratch[..cells];
            MassShares.Of(window.Mass, window.KeptCells, live);
            TrailingDivergence? trailing = window.Trailing is { } before
                ? TrailingComparison.Of(window, before, readiness, settings, live, scratch.Slice(cells, cells), scratch[(2 * cells)..])
                : null;
            return window.Rest is { } rest
                ? CompareWithRest(window, rest, reference, readiness, live, scratch.Slice(cells, cells), scratch[(2 * cells)..])
                : Evaluate(window, reference, readiness, trailing, live, scratch.Slice(cells, cells));
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<double>.Shared.Return(rented);
            }
        }
    }

    private DriftReport Evaluate(
        LiveWindow window, ReferenceSnapshot? reference, Readiness readiness, TrailingDivergence? trailing, Span<double> live,
        Span<double> scratch)
    {
        double? entropy = window.Events == 0 ? null : Entropy.OfChoices(Entropy.Of(live), window.Classes.Choices);
        var distribution = reference?.DistributionOf(window.Series, window.Classes.SpaceId);
        var report = distribution is null || window.Events + settings.PseudoEvents == 0
            ? new DriftReport(window, readiness, entropy, distribution is null ? null : reference, null, [], 0) { Trailing = trailing }
            : Compare(window, readiness, entropy, trailing, live, scratch, reference!, distribution);
        report = report with
        {
            Dispersion = Dispersion.Of(
                window.Entropy, report.Reference?.EntropiesOf(window.Series.Segment), window.Classes.Choices),
        };
        return window.Policy is { } policy ? report with { Policy = Policies(policy) } : report;
    }

    private static ImmutableArray<PolicyDivergence> Policies(PolicySums sums) =>
    [
        .. from estimate in Enum.GetValues<PolicyEstimate>()
           where sums.EventsOf(estimate) > 0
           select new PolicyDivergence(estimate, sums.Mean(estimate)!.Value, sums.StandardError(estimate)),
    ];

    private DriftReport Compare(
        LiveWindow window, Readiness readiness, double? entropy, TrailingDivergence? trailing, Span<double> live, Span<double> scratch,
        ReferenceSnapshot reference, ReferenceDistribution distribution)
    {
        var other = reference.ClassSpace.OtherIndex;
        var cells = live[other] > 0 || distribution.Shares[other] > 0 ? other + 1 : other;
        var smoothed = Smoothed(distribution);
        var q = smoothed.Over(cells);
        var p = live[..cells];
        var unseen = UnseenMass(p, distribution.Shares);
        PseudoEvents.SmoothLive(p, window.Events, settings.PseudoEvents, q);

        var contributions = scratch[..cells];
        var choices = window.Classes.Choices;
        var divergences = Measure(
            p, q, contributions, window.Events == 0 ? double.NaN : smoothed.NoiseFloor(cells, window.Events), unseen,
            window.Panes is { } panes
                && readiness == Readiness.Ready
                && WindowPanes.HaveCusum(window.Window, window.Cells, window.Events)
                && fluctuationOf?.Invoke(reference, window.Series, window.Window) is { } fluctuation
                ? Cusum(
                    panes, WindowPanes.PanesOfStretch(window.Window),
                    new DriftCusum(q, distribution.Variances[..cells], window.Events, distribution.Events, fluctuation, choices),
                    cells)
                : double.NaN).OfChoices(choices);
        var (top, rest) = TopClasses.Of(contributions, p, q, reference.ClassSpace, settings.TopClasses);
        return new DriftReport(window, readiness, entropy, reference, divergences, top, rest)
        {
            Trailing = trailing,
            IsLowerBound = reference.ClassSpace.HasRest,
        };
    }

    /// <summary>
    /// The report of a segment beside the rest of live traffic, which takes the reference's place. It has no unseen classes, since the rest
    /// is no record of what a model may say, and no CUSUM, since the rest moves with the panes.
    /// </summary>
    private DriftReport CompareWithRest(
        LiveWindow window, OtherWindow rest, ReferenceSnapshot? known, Readiness readiness, Span<double> live, Span<double> scratch,
        Span<double> shares)
    {
        readiness = readiness != Readiness.Ready ? readiness
            : !rest.Complete ? Readiness.Incomplete
            : rest.Events < settings.MinimumEvents ? Readiness.TooFewEvents
            : Readiness.Ready;
        double? entropy = window.Events == 0 ? null : Entropy.OfChoices(Entropy.Of(live), window.Classes.Choices);
        if (rest.Events == 0 || window.Events == 0)
        {
            return new DriftReport(window, readiness, entropy, null, null, [], 0);
        }

        MassShares.Of(rest.Mass, rest.KeptCells, shares);
        var other = live.Length - 1;
        var cells = live[other] > 0 || shares[other] > 0 ? other + 1 : other;
        var p = live[..cells];
        var q = shares[..cells];
        var contributions = scratch[..cells];
        TrailingComparison.Variances(rest, contributions, q);
        var choices = window.Classes.Choices;
        var floor = choices * NoiseFloor.Of(q, contributions, window.Events, rest.Events, settings.PseudoEvents, choices);
        PseudoEvents.SmoothReference(q, rest.Events, settings.PseudoEvents, q);
        PseudoEvents.SmoothLive(p, window.Events, settings.PseudoEvents, q);
        var divergences = Measure(p, q, contributions, floor, unseen: double.NaN, cusum: double.NaN).OfChoices(choices);
        var space = known?.ClassSpace.Id == window.Classes.SpaceId ? known.ClassSpace
            : window.Classes.Inferred
                ?? (configured?.Invoke(window.Series.Model) is { } own && own.Id == window.Classes.SpaceId ? own : null);
        var (top, left) = space is null
            ? ([], divergences.KlLiveVsReferenceNats)
            : TopClasses.Of(contributions, p, q, space, settings.TopClasses);
        return new DriftReport(window, readiness, entropy, null, divergences, top, left) { IsLowerBound = space?.HasRest == true };
    }

    private static Divergences Measure(
        ReadOnlySpan<double> p, ReadOnlySpan<double> q, Span<double> contributions, double floor, double unseen, double cusum) => new(
            KullbackLeibler.Contributions(p, q, contributions),
            KullbackLeibler.Divergence(q, p),
            JensenShannon.Divergence(p, q),
            PopulationStability.Index(p, q),
            TotalVariation.Distance(p, q),
            Hellinger.Distance(p, q),
            floor,
            unseen,
            cusum);

    private static double Cusum(WindowPanes panes, int panesOfStretch, DriftCusum cusum, int cells)
    {
        Span<double> rest = stackalloc double[PaneSums.MaxDenseCells];
        var stretch = rest[..cells];
        for (var (pane, next) = (0, panes.Events.Length % panesOfStretch); pane < panes.Events.Length; next += panesOfStretch)
        {
            var events = 0L;
            stretch.Clear();
            for (; pane < next; pane++)
            {
                TensorPrimitives.Add(stretch, panes.MassOf(pane)[..cells], stretch);
                events += panes.Events[pane];
            }

            cusum.Add(stretch, events);
        }

        return cusum.Nats;
    }

    private SmoothedReference Smoothed(ReferenceDistribution distribution) =>
        _smoothed.GetValue(distribution, d => new SmoothedReference(d, settings.PseudoEvents));

    private static double UnseenMass(ReadOnlySpan<double> live, ReadOnlySpan<double> reference)
    {
        var unseen = 0.0;
        for (var k = 0; k < live.Length; k++)
        {
            if (reference[k] == 0)
            {
                unseen += live[k];
            }
        }

        return unseen;
    }

    /// <summary>q̃ over the named classes, and over those and <c>__other__</c>; and the noise floors of windows over them.</summary>
    private sealed class SmoothedReference(ReferenceDistribution reference, double pseudoEvents)
    {
        private readonly double[] _named = Smooth(reference, reference.Shares.Length - 1, pseudoEvents);
        private readonly double[] _all = Smooth(reference, reference.Shares.Length, pseudoEvents);

        private readonly NoiseFloorCurve _namedFloor = Floor(reference, reference.Shares.Length - 1, pseudoEvents);
        private readonly NoiseFloorCurve _allFloor = Floor(reference, reference.Shares.Length, pseudoEvents);

        public ReadOnlySpan<double> Over(int cells) => cells == _all.Length ? _all : _named;

        public double NoiseFloor(int cells, long events) => (cells == _all.Length ? _allFloor : _namedFloor).At(events);

        private static NoiseFloorCurve Floor(ReferenceDistribution reference, int cells, double pseudoEvents) =>
            new(events => reference.NoiseFloorNats(events, pseudoEvents, cells));

        private static double[] Smooth(ReferenceDistribution reference, int cells, double pseudoEvents)
        {
            var smoothed = new double[cells];
            PseudoEvents.SmoothReference(reference.Shares[..cells], reference.Events, pseudoEvents, smoothed);
            return smoothed;
        }
    }
}
