using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary>The thresholds that a budget of false alarms gives by a reference, and the smallest drift that they see, for people.</summary>
internal sealed class ThresholdTables
{
    private const double Plausible = 10; // times more or fewer events than the reference had

    private const int LongestName = 24; // what the column is wide anyway

    private static readonly ImmutableArray<long> Counts = [100, 1_000, 10_000, 100_000];
    private static readonly EvaluationSettings Evaluation = new();

    private readonly ReferenceSnapshot _reference;
    private readonly ImmutableArray<WindowSpec> _windows;
    private readonly AlarmSeverity _severity;
    private readonly FalseAlarmBudget _budget;
    private readonly SmallestEffects _effects;
    private readonly BudgetShare _share;
    private readonly Calibrations.OfReference _calibrations; // the service's own: equal thresholds while Divergence:PseudoEvents is default
    private readonly int _mostCommon;
    private readonly double _mostCommonShare;

    /// <remarks>There is at least one window.</remarks>
    public ThresholdTables(
        ReferenceSnapshot reference, AlarmSeverity severity, FalseAlarmBudget budget, ImmutableArray<WindowSpec> windows,
        SmallestEffects effects, KeptCalibrations kept)
    {
        (_reference, _severity, _budget, _windows, _effects) = (reference, severity, budget, windows, effects);
        _share = new BudgetShare(reference, windows.Length);
        _calibrations = new Calibrations.OfReference(reference, Evaluation.PseudoEvents, kept);

        // As windows are compared: smoothed, and without __other__ while nothing is in it.
        var shares = reference.All.Shares;
        var cells = shares[^1] > 0 ? shares.Length : shares.Length - 1;
        var smoothed = new double[cells];
        PseudoEvents.SmoothReference(shares[..cells], reference.All.Events, Evaluation.PseudoEvents, smoothed);
        _mostCommon = Enumerable.Range(0, cells).Where(reference.ClassSpace.IsDistinct).MaxBy(k => smoothed[k]);
        _mostCommonShare = reference.ClassSpace.Choices * smoothed[_mostCommon];
    }

    /// <summary>The tables and what explains them, from top to bottom: slow, as thresholds are worked out by simulation.</summary>
    public IReadOnlyList<IRenderable> WorkOut()
    {
        if (!DriftCalibration.CanCalibrate(_reference))
        {
            return [Line($"Thresholds: no budget can be kept with more than {DriftCalibration.MostClasses} classes; fixed ones hold.")];
        }

        List<IRenderable> parts =
        [
            Line(
                $"Thresholds of {_severity.ToString().ToLowerInvariant()}: {_budget} (drift of all traffic over one window: "
                + $"{_budget.Share(_share.OfDrift(SeriesKey.All))})"),
            Drift(),
        ];
        if (ReferenceSpan.FromReference(_reference) is not null)
        {
            parts.Add(Line("≈ marks the number of events that such a window would have at the reference's rate."));
        }

        parts.Add(Line("Smallest drift, in nats: one window finds a drift of this size in half of the cases. It is the"));
        parts.Add(Line(FormattableString.Invariant(
            $"lower threshold less the noise floor, and no less than {_effects.KlNats:G4}, the smallest effect")));
        parts.Add(Line("(Alarms:SmallestEffect:KlNats). Example in the last column: how far the share of the most common"));
        parts.Add(Line(
            "class moves in such a drift, while the others "
            + (_reference.ClassSpace.Choices > 1 ? "stay what they are." : "keep their proportions.")));
        parts.Add(Line("CUSUM: adds up a persistent drift pane by pane, so it can find it before it fills the window."));
        parts.AddRange(ShortfallText.Lines(_calibrations, _windows).Select(Line));
        if (_calibrations.Means().Any())
        {
            parts.Add(Means());
        }

        return parts;
    }

    private Table Drift()
    {
        var calibration = _calibrations.Drift(SeriesKey.All);
        var budget = _budget.Share(_share.OfDrift(SeriesKey.All));
        var name = _reference.ClassSpace.NameOf(_mostCommon);
        var table = new Table().Border(TableBorder.Simple).AddColumn("\nwindow")
            .AddNumbers("\nevents", "noise\nfloor", "threshold\nlive‖ref", "threshold\nref‖live", "for the\nCUSUM", "smallest\ndrift")
            .AddColumn($"as the share of\n{MarkupText.Of(name.Length > LongestName ? name[..LongestName] + "…" : name)}");
        foreach (var window in _windows)
        {
            foreach (var (events, isOwn) in EventsOf(window))
            {
                var count = $"{(isOwn ? "≈ " : "")}{events}";
                if (events < Evaluation.MinimumEvents)
                {
                    table.AddRow(window.Name, count, "–", "–", "–", "–", "–", $"not ready below {Evaluation.MinimumEvents}");
                    continue;
                }

                var floor = _reference.All.NoiseFloorNats(events, Evaluation.PseudoEvents);
                if (IsWithheld(calibration.Shortfalls(window, events), budget, window))
                {
                    table.AddRow(window.Name, count, NumberText.NatsInColumn(floor), "–", "–", "–", "–", "uncalibrated");
                    continue;
                }

                var thresholds = calibration.Thresholds(window, events, budget, withCusum: _severity == AlarmSeverity.Warning);
                var liveVsReference = Math.Max(_effects.KlNats, thresholds.KlLiveVsReferenceNats - floor);
                var referenceVsLive = Math.Max(_effects.KlNats, thresholds.KlReferenceVsLiveNats - floor);
                table.AddRow(
                    window.Name,
                    count,
                    NumberText.NatsInColumn(floor),
                    NumberText.NatsInColumn(thresholds.KlLiveVsReferenceNats),
                    NumberText.NatsInColumn(thresholds.KlReferenceVsLiveNats),
                    NumberText.Nats(thresholds.CusumNats),
                    NumberText.NatsInColumn(Math.Min(liveVsReference, referenceVsLive)),
                    Shift(liveVsReference, referenceVsLive));
            }
        }

        return table;
    }

    /// <summary>The counts that a window may have while traffic is roughly what it was, and the count that it had then.</summary>
    private IEnumerable<(long Events, bool IsOwn)> EventsOf(WindowSpec window)
    {
        if (ReferenceSpan.FromReference(_reference) is not { } span)
        {
            return Counts.Select(count => (count, false));
        }

        var own = Math.Max(1, (long)Math.Round(span.EventsIn(window, _reference.All.Events)));
        return Counts.Where(count => count != own && count >= own / Plausible && count <= own * Plausible)
            .Select(count => (count, false))
            .Append((own, true))
            .Order();
    }

    /// <summary>What either direction's divergence may be, whichever is less: <c>15.7 → 18.2 %</c>.</summary>
    private string Shift(double liveVsReferenceNats, double referenceVsLiveNats)
    {
        if (_mostCommonShare >= 1)
        {
            return "–"; // there is no other class
        }

        var share = ClassShift.ReferenceVsLive(_mostCommonShare, referenceVsLiveNats);
        if (ClassShift.LiveVsReference(_mostCommonShare, liveVsReferenceNats) is { } other
            && Math.Abs(other - _mostCommonShare) < Math.Abs(share - _mostCommonShare))
        {
            share = other;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * _mostCommonShare:0.0} → {100 * share:0.0} % ({100 * (share - _mostCommonShare):+0.00;−0.00})");
    }

    private Table Means()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("\nmean of", "\nwindow").AddNumbers("in the\nreference");
        ImmutableArray<long> counts = [100, 1_000, 10_000];
        table.AddNumbers([.. counts.Select(count => FormattableString.Invariant($"threshold\nat {count}")), "smallest\neffect"]);

        foreach (var (name, baseline, calibration) in _calibrations.Means())
        {
            var kind = name == Calibrations.CrossEntropy ? AlarmKind.CrossEntropy
                : name == Calibrations.ErrorRatio ? AlarmKind.Accuracy
                : Measures.OfDispersion.Any(measure => Measures.NameOf(measure) == name) ? AlarmKind.Dispersion
                : AlarmKind.PolicyKl;
            var part = kind.IsOfLabels() ? _share.OfLabels : kind == AlarmKind.Dispersion ? _share.OfDispersion : _share.OfPolicy;
            Func<double?, string> text = name == Calibrations.ErrorRatio ? NumberText.Percent : NumberText.NatsInColumn;
            foreach (var window in _windows)
            {
                string[] cells =
                [
                    name.Replace('_', ' '), window.Name,
                    text(kind == AlarmKind.Dispersion ? _calibrations.Reference.Entropies!.Mean : baseline.Mean),
                    .. counts.Select(count => text(calibration.Threshold(window, count, _budget.Share(part)))),
                    text(_effects.Of(kind)),
                ];
                table.AddRow(cells);
            }
        }

        return table;
    }

    private static bool IsWithheld(ImmutableArray<Shortfall> shortfalls, FalseAlarmBudget budget, WindowSpec window) =>
        shortfalls.Any(shortfall => shortfall.Withholds(budget.PerMs * window.LengthMs));

    private static Text Line(string text) => new($"{text}\n");
}
