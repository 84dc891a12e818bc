using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
        report = report with { Dispersion = Dispersion.Of(window.Entropy, report.Reference?.EntropiesOf(window.Series.Segment)) };
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
            p, q, contributions, window.Events == 0 ? double.NaN : smoothed.NoiseFloor(cells, window.Events) / choices, unseen,
            window.Panes is { } panes
                && readiness == Readiness.Ready
                && WindowPanes.HaveCusum(window.Window, window.Cells, window.Events)
                && fluctuationOf?.Invoke(reference, window.Series, window.Window) is { } fluctuation
                ? Cusum(
                    panes, WindowPanes.PanesOfStretch(window.Window),
                    new DriftCusum(q, distribution.Variances[..cells], window.Events, distribution.Events, fluctuation), cells)
                : double.NaN).OfChoices(choices);
        var (top, rest) = Top(contributions, p, q, reference.ClassSpace);
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
        var floor = NoiseFloor.Of(q, contributions, window.Events, rest.Events, settings.PseudoEvents);
        PseudoEvents.SmoothReference(q, rest.Events, settings.PseudoEvents, q);
        PseudoEvents.SmoothLive(p, window.Events, settings.PseudoEvents, q);
        var divergences = Measure(p, q, contributions, floor, unseen: double.NaN, cusum: double.NaN).OfChoices(window.Classes.Choices);
        var space = known?.ClassSpace.Id == window.Classes.SpaceId ? known.ClassSpace
            : window.Classes.Inferred ?? configured?.Invoke(window.Series.Model);
        var (top, left) = space is null ? ([], divergences.KlLiveVsReferenceNats) : Top(contributions, p, q, space);
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

    private (ImmutableArray<ClassContribution> Top, double RestNats) Top(
        Span<double> contributions, Span<double> p, ReadOnlySpan<double> ofReference, ClassSpace space)
    {
        var q = ofReference;
        if (space.Choices > 1)
        {
            var shares = ofReference.ToArray();
            JoinPairs(contributions, p, shares, space);
            q = shares;
        }

        var classes = contributions.Length - (space.Choices > 1 ? space.Choices : 0);
        var largest = Largest(contributions, Math.Min(settings.TopClasses, classes));
        var top = new ClassContribution[largest.Length];
        for (var i = 0; i < top.Length; i++)
        {
            var k = largest[i];
            top[i] = new ClassContribution(space.NameOf(k), contributions[k], p[k], q[k]);
            contributions[k] = 0;
        }

        return (ImmutableCollectionsMarshal.AsImmutableArray(top), TensorPrimitives.Sum<double>(contributions));
    }

    /// <summary>
    /// Makes the parts of "not x" and "x" one of x, and the shares those of outputs in which x holds, of all with a choice of it.
    /// </summary>
    private static void JoinPairs(Span<double> contributions, Span<double> p, Span<double> q, ClassSpace space)
    {
        TensorPrimitives.Multiply(contributions, space.Choices, contributions);
        for (var k = 1; k < space.ClassCount; k += 2)
        {
            (contributions[k], contributions[k - 1]) = (contributions[k] + contributions[k - 1], 0);
            p[k] /= p[k] + p[k - 1];
            q[k] /= q[k] + q[k - 1];
        }

        if (contributions.Length > space.OtherIndex)
        {
            (p[^1], q[^1]) = (space.Choices * p[^1], space.Choices * q[^1]);
        }
    }

    /// <summary>The indices of the values of largest magnitude, the largest first; of equal ones the one that comes first.</summary>
    /// <remarks>In order as found: one comparison rejects most, so a thousand classes are not sorted for ten (77 µs to 29 µs).</remarks>
    private static int[] Largest(ReadOnlySpan<double> values, int count)
    {
        var largest = new int[count];
        for (var (k, kept) = (0, 0); k < values.Length; k++)
        {
            var place = kept;
            while (place > 0 && Math.Abs(values[k]) > Math.Abs(values[largest[place - 1]]))
            {
                place--;
            }

            if (place < count)
            {
                kept = Math.Min(kept + 1, count);
                largest.AsSpan(place, kept - place - 1).CopyTo(largest.AsSpan(place + 1));
                largest[place] = k;
            }
        }

        return largest;
    }

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
