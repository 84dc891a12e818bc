using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.References;

namespace DriftMonitor.Alarms;

/// <summary>Where a window's thresholds come from: fixed, or from a budget of false alarms for the window's present count.</summary>
/// <remarks>
/// A calibrated threshold depends on the reference in use, and there is one for windows that are ready only. A budget leaves a fixed
/// threshold in force where the reference has nothing to calibrate a measure with (labels and policies of a reference without them, and
/// those of single segments), or too little (<see cref="Shortfall"/>), and until its own has been worked out: of a divergence by what it is
/// above its noise floor, since nobody chose that threshold for few events. Thread-safe.
/// </remarks>
/// <param name="settings">What is configured.</param>
/// <param name="windows">The windows that each series has: what budgets are divided over.</param>
/// <param name="minimumEvents">Labels, or events of two policies, that a window needs before a threshold of theirs is worked out.</param>
/// <param name="calibrations">What is known of the references in use.</param>
/// <param name="later">
/// Called with what has to be worked out before a window has a threshold, again and again until it has been: nothing slow is done here
/// then. Without it, what is missing is worked out at once.
/// </param>
public sealed class ThresholdsInForce(
    AlarmSettings settings, ImmutableArray<WindowSpec> windows, long minimumEvents, Calibrations calibrations,
    Action<CalibrationRequest>? later = null)
{
    private static readonly ImmutableArray<AlarmSeverity> Severities = [.. Enum.GetValues<AlarmSeverity>()];

    private readonly DriftSources _sources = new(
        windows.Sort((one, other) => one.LengthMs.CompareTo(other.LengthMs)), calibrations);

    /// <summary>Labels, or events of two policies, that a window must have to raise an alarm.</summary>
    public long MinimumEvents => minimumEvents;

    /// <summary>The windows that each series has, the shortest first.</summary>
    public ImmutableArray<WindowSpec> Windows { get; } = windows.Sort((one, other) => one.LengthMs.CompareTo(other.LengthMs));

    /// <summary>The least that is worth an alarm of a model.</summary>
    public SmallestEffects SmallestEffect(string model) => settings.Of(model).SmallestEffect;

    /// <summary>How long a model may have no event: a quarter longer than its reference ever had none, and no less than is set.</summary>
    /// <param name="span">That of the reference in use; null when it is not known.</param>
    public TimeSpan SilenceLimit(ReferenceSpan? span) =>
        1.25 * span?.LongestSilence is { } longest && longest > settings.SilentAfter ? longest : settings.SilentAfter;

    /// <summary>
    /// What thresholds watch in a model's windows, now or as soon as they are ready and it has been worked out: outputs, else policies;
    /// null for nothing.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="windows">The latest of each length, of all its traffic.</param>
    public AlarmKind? Guard(string model, ImmutableArray<JudgedReport> windows)
    {
        var configured = settings.Of(model);
        var reference = windows.Select(judged => judged.Report.Reference).FirstOrDefault(known => known is not null);
        if (!ModelFacts.HasPoliciesOnly(windows) && Severities.Any(WatchesDrift))
        {
            return AlarmKind.OutputDrift;
        }

        var measures = windows.SelectMany(judged => judged.Report.Policy).Select(policy => Measures.Of(policy.Estimate)).Distinct();
        return measures.Any(measure => Severities.Any(severity => WatchesPolicy(measure, severity))) ? AlarmKind.PolicyKl : null;

        bool WatchesDrift(AlarmSeverity severity) =>
            DriftBudget(configured, reference, severity) is not null || configured.Kl.Nats(severity) is not null;

        bool WatchesPolicy(Measure measure, AlarmSeverity severity) =>
            configured.PolicyKl.Nats(severity) is not null
            || (configured.PolicyKl.Budget(severity) is not null && Baseline(new SeriesKey(model, SeriesKey.All), measure) is not null);
    }

    /// <inheritdoc cref="Calibrations.ReferenceId"/>
    internal string? ReferenceId(string model) => calibrations.ReferenceId(model);

    /// <summary>The same of what a series over those classes can be compared with: empty also where it has others.</summary>
    internal string? ReferenceId(SeriesKey series, string spaceId) =>
        calibrations.Of(series.Model) is { } known && known.Reference.DistributionOf(series, spaceId) is null
            ? ""
            : ReferenceId(series.Model);

    /// <summary>What a mean is compared with: a baseline of all traffic; null where there is none.</summary>
    internal ValueBaseline? Baseline(SeriesKey series, Measure measure) =>
        series.Segment != SeriesKey.All || calibrations.Of(series.Model) is not { } known ? null
        : measure is Measure.CrossEntropyLabelTime or Measure.CrossEntropyPredictionTime ? known.Reference.Losses
        : Measures.IsRatio(measure) ? known.Errors
        : measure == Measure.EntropyRise ? known.EntropyRises
        : measure == Measure.EntropyFall ? known.EntropyFalls
        : known.Reference.Policies.FirstOrDefault(policy => Measures.Of(policy.Key) == measure).Value;

    /// <summary>A report with its readings, by what has been worked out by now.</summary>
    public JudgedReport Judge(DriftReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        _sources.Note(report.Window);
        return Judge(report, leftMs: null);
    }

    /// <summary>The same of what is left of a window when some of its panes do not count.</summary>
    /// <param name="report">Of what is left.</param>
    /// <param name="leftMs">What time that covers; null for the whole window.</param>
    internal JudgedReport Judge(DriftReport report, long? leftMs)
    {
        var (drift, policy, dispersion) = (Lacks.Nothing, Lacks.Nothing, Lacks.Nothing);
        return new(report, Drift(report, leftMs, ref drift), Policy(report, leftMs, ref policy))
        {
            Dispersion = Dispersion(report, leftMs, ref dispersion),
            IsPending = (drift | policy | dispersion).HasFlag(Lacks.Work),
            IsUnsupported = (report.Window.Events > 0 ? drift : policy).HasFlag(Lacks.Reference),
        };
    }

    /// <summary>A window of labels with its readings, by what has been worked out by now.</summary>
    public JudgedLabels Judge(FeedbackWindow window) => Judge(window, leftMs: null);

    /// <inheritdoc cref="Judge(DriftReport, long?)"/>
    internal JudgedLabels Judge(FeedbackWindow window, long? leftMs)
    {
        var (known, configured, lacks) = (Known(window.Series), settings.Of(window.Series.Model), Lacks.Nothing);
        var costs = Labels(
            window, leftMs, Measures.CrossEntropy(window.Attribution), window.Measures.CrossEntropyNats, configured.CrossEntropy,
            Calibrations.CrossEntropy, known, known?.Reference.Losses, ref lacks);
        var errors = Labels(
            window, leftMs, Measures.ErrorRatio(window.Attribution), window.Measures.ErrorRatio, configured.Accuracy,
            Calibrations.ErrorRatio, known, known?.Errors, ref lacks);
        return new JudgedLabels(window, costs, errors)
        {
            CrossEntropyBaselineNats = known?.Reference.Losses?.Mean,
            AccuracyBaselineRatio = known?.Reference.AccuracyRatio,
            IsPending = lacks.HasFlag(Lacks.Work),
        };
    }

    private ImmutableArray<Reading> Drift(DriftReport report, long? leftMs, ref Lacks lacks)
    {
        if (report.Divergences is not { } divergences)
        {
            return [];
        }

        var configured = settings.Of(report.Window.Series.Model);
        var readings = ImmutableArray.CreateBuilder<Reading>(3 * Severities.Length);
        foreach (var severity in Severities)
        {
            var budget = DriftBudget(configured, report.Reference, severity);
            var isUnsupported = false;
            var thresholds = budget is { } allowed
                ? Calibrated(report, leftMs, severity, allowed, configured, out isUnsupported)
                : null;
            var floor = 0.0;
            if (budget is not null && thresholds is null && WhatLacks(isUnsupported, report.Ready, leftMs) is { } lacking)
            {
                floor = double.IsFinite(divergences.NoiseFloorNats) ? divergences.NoiseFloorNats : 0;
                (budget, lacks) = (null, lacks | lacking);
            }

            if (budget is null && configured.Kl.Nats(severity) + floor is { } nats)
            {
                thresholds = new DriftThresholds(nats, nats, null);
            }

            if (thresholds is { } found)
            {
                readings.Add(
                    new Reading(
                        severity, Measure.KlLiveVsReference, divergences.KlLiveVsReferenceNats, found.KlLiveVsReferenceNats, budget));
                readings.Add(
                    new Reading(
                        severity, Measure.KlReferenceVsLive, divergences.KlReferenceVsLiveNats, found.KlReferenceVsLiveNats, budget));
                if (found.CusumNats is { } cusum && double.IsFinite(divergences.CusumNats))
                {
                    readings.Add(new Reading(severity, Measure.CusumLiveVsReference, divergences.CusumNats, cusum, budget));
                }
            }
        }

        return readings.DrainToImmutable();
    }

    /// <summary>
    /// Why a calibrated threshold is not there, and a fixed one watches instead; null for what is left of a window, which has none.
    /// </summary>
    private Lacks? WhatLacks(bool isUnsupported, bool isReady, long? leftMs) =>
        leftMs is not null ? null : isUnsupported ? Lacks.Reference : later is not null && isReady ? Lacks.Work : null;

    private static FalseAlarmBudget? DriftBudget(ConfiguredThresholds configured, ReferenceSnapshot? reference, AlarmSeverity severity) =>
        reference is not null && !DriftCalibration.CanCalibrate(reference) ? null : configured.Kl.Budget(severity);

    private ImmutableArray<Reading> Policy(DriftReport report, long? leftMs, ref Lacks lacks)
    {
        if (report.Policy.IsEmpty)
        {
            return [];
        }

        var known = Known(report.Window.Series);
        return Readings(
            known,
            report.Window.Series,
            report.Window.Window,
            leftMs,
            settings.Of(report.Window.Series.Model).PolicyKl,
            share => share.OfPolicy,
            report.Policy.Select(divergence => new Mean(
                Measures.Of(divergence.Estimate),
                divergence.Nats,
                Measures.NameOf(Measures.Of(divergence.Estimate)),
                known?.Reference.Policies.GetValueOrDefault(divergence.Estimate),
                report.Window.Policy!.EventsOf(divergence.Estimate),
                report.Ready)),
            ref lacks);
    }

    private ImmutableArray<Reading> Dispersion(DriftReport report, long? leftMs, ref Lacks lacks)
    {
        var series = report.Window.Series;
        return report.Dispersion.ShiftNats is null || Known(series) is not { } known || known.Reference.Id != report.Reference?.Id
            ? []
            : Readings(
                known,
                series,
                report.Window.Window,
                leftMs,
                settings.Of(series.Model).Dispersion,
                share => share.OfDispersion,
                Measures.OfDispersion.Select(measure => new Mean(
                    measure,
                    Measures.ShiftOf(measure, report.Dispersion)!.Value,
                    Measures.NameOf(measure),
                    Baseline(series, measure),
                    report.Dispersion.Events,
                    report.Ready)),
                ref lacks);
    }

    private ImmutableArray<Reading> Labels(
        FeedbackWindow window, long? leftMs, Measure measure, double? value, Thresholds configured, string name,
        Calibrations.OfReference? known, ValueBaseline? baseline, ref Lacks lacks) =>
        value is { } mean
            ? Readings(
                known, window.Series, window.Window, leftMs, configured, share => share.OfLabels,
                [new Mean(measure, mean, name, baseline, window.Measures.Events, window.Complete)], ref lacks)
            : [];

    /// <summary>What belongs to the reference that means are compared with: one of all traffic; null where there is none.</summary>
    private Calibrations.OfReference? Known(SeriesKey series) => series.Segment == SeriesKey.All ? calibrations.Of(series.Model) : null;

    /// <summary>How often a model's alarms of a severity may be false; null without a budget, or a reference that calibrates any.</summary>
    public FalseAlarmBudget? Budget(ReferenceSnapshot reference, AlarmSeverity severity)
    {
        var configured = settings.Of(reference.Model);
        return configured.Kl.Budget(severity)
            ?? (reference.Losses is null ? null : configured.CrossEntropy.Budget(severity))
            ?? (reference.Errors is null ? null : configured.Accuracy.Budget(severity))
            ?? (reference.Policies.Count == 0 ? null : configured.PolicyKl.Budget(severity))
            ?? (reference.Entropies is null ? null : configured.Dispersion.Budget(severity));
    }

    private DriftThresholds? Calibrated(
        DriftReport report, long? leftMs, AlarmSeverity severity, FalseAlarmBudget budget, ConfiguredThresholds configured,
        out bool isUnsupported)
    {
        var (series, window) = (report.Window.Series, report.Window.Window);
        isUnsupported = false;
        var divided = Share(configured, calibrations.Of(series.Model), severity);
        var withCusum = severity == AlarmSeverity.Warning; // alone it is no reason to wake somebody
        if (!report.Ready || _sources.Of(report, divided, withCusum) is not { } source)
        {
            isUnsupported = report.Ready && report.Window.Rest is not null;
            return null;
        }

        var (events, share) = (source.Events, budget.Share(source.Share));
        if (leftMs is { } left)
        {
            return source.Made?.TryThresholdsOfPart(window, events, left, Windows, share, out var ofPart, source.WithCusum) is true
                ? source.Turned(ofPart)
                : null;
        }

        if (later is null)
        {
            var drift = source.Make();
            isUnsupported = Withhold(drift.Shortfalls(window, events), window, share);
            return isUnsupported ? null : source.Turned(drift.Thresholds(window, events, share, source.WithCusum));
        }

        var made = source.Made;
        isUnsupported = made?.KnownShortfalls(window, events) is { } shortfalls && Withhold(shortfalls, window, share);
        if (isUnsupported ? made!.TryMarkReported(window, events) : made?.IsPrepared(window, events) is not true)
        {
            AskForDrift(source, series, window);
            made = isUnsupported || made?.IsPrepared(window, events) is true ? made : source.Before ?? made;
        }

        if (isUnsupported)
        {
            return null;
        }

        return made?.TryThresholds(window, events, share, out var thresholds, source.WithCusum) is true ? source.Turned(thresholds) : null;
    }

    private ImmutableArray<Reading> Readings(
        Calibrations.OfReference? known, SeriesKey series, WindowSpec window, long? leftMs, Thresholds configured,
        Func<BudgetShare, double> part, IEnumerable<Mean> means, ref Lacks lacks)
    {
        var readings = ImmutableArray.CreateBuilder<Reading>();
        foreach (var mean in means)
        {
            foreach (var severity in Severities)
            {
                var budget = mean.Baseline is null ? null : configured.Budget(severity);
                var isUnsupported = false;
                var threshold = budget is { } allowed
                    ? Calibrated(
                        mean, leftMs, allowed.Share(part(Share(settings.Of(series.Model), known!, severity))), known!, series, window,
                        out isUnsupported)
                    : configured.Nats(severity);
                if (budget is not null
                    && threshold is null
                    && WhatLacks(isUnsupported, mean.Ready && mean.Events >= minimumEvents, leftMs) is { } lacking)
                {
                    (budget, lacks, threshold) = (null, lacks | lacking, configured.Nats(severity));
                }

                if (threshold is { } found)
                {
                    readings.Add(new Reading(severity, mean.Measure, mean.Value, found, budget));
                }
            }
        }

        return readings.DrainToImmutable();
    }

    private double? Calibrated(
        Mean mean, long? leftMs, FalseAlarmBudget share, Calibrations.OfReference known, SeriesKey series, WindowSpec window,
        out bool isUnsupported)
    {
        isUnsupported = false;
        if (!mean.Ready || mean.Events < minimumEvents)
        {
            return null;
        }

        if (leftMs is { } left)
        {
            return known.MadeMean(mean.Name)?.TryThresholdOfPart(window, mean.Events, left, Windows, share, out var ofPart) is true
                ? ofPart
                : null;
        }

        if (later is null)
        {
            var calibration = known.Mean(mean.Name, mean.Baseline!);
            isUnsupported = Withhold(calibration.Shortfalls(window, mean.Events), window, share);
            return isUnsupported ? null : calibration.Threshold(window, mean.Events, share);
        }

        var made = known.MadeMean(mean.Name);
        isUnsupported = made?.KnownShortfalls(window, mean.Events) is { } shortfalls && Withhold(shortfalls, window, share);
        if (isUnsupported ? made!.TryMarkReported(window, mean.Events) : made?.IsPrepared(window, mean.Events) is not true)
        {
            AskForMean(known, series, window, mean);
        }

        if (isUnsupported)
        {
            return null;
        }

        return made?.TryThreshold(window, mean.Events, share, out var threshold) is true ? threshold : null;
    }

    private void AskForDrift(DriftSource source, SeriesKey series, WindowSpec window) =>
        Ask(source.Id, source.IsInUse, series, "drift", window, ofSegment: series.Segment != SeriesKey.All, () =>
        {
            var calibration = source.Make();
            calibration.TryMarkReported(window, source.Events);
            return Unless(calibration.Shortfalls(window, source.Events), () => calibration.Prepare(window, source.Events));
        });

    private void AskForMean(Calibrations.OfReference known, SeriesKey series, WindowSpec window, Mean mean) =>
        Ask(known.Reference.Id, () => calibrations.Of(series.Model) == known, series, mean.Name, window, ofSegment: false, () =>
        {
            var calibration = known.Mean(mean.Name, mean.Baseline!);
            calibration.TryMarkReported(window, mean.Events);
            return Unless(calibration.Shortfalls(window, mean.Events), () => calibration.Prepare(window, mean.Events));
        });

    /// <summary>Works out a threshold, unless none is for any budget: of a rare one it may be where of another it is not.</summary>
    private static ImmutableArray<Shortfall> Unless(ImmutableArray<Shortfall> shortfalls, Action prepare)
    {
        if (!shortfalls.Any(shortfall => shortfall.Withholds(0)))
        {
            prepare();
        }

        return shortfalls;
    }

    private static bool Withhold(ImmutableArray<Shortfall> shortfalls, WindowSpec window, FalseAlarmBudget share) =>
        shortfalls.Any(shortfall => shortfall.Withholds(share.PerMs * window.LengthMs));

    /// <summary>Asks for what a window has no exact threshold without; nothing is done once its reference is no longer in use.</summary>
    private void Ask(
        string referenceId, Func<bool> isInUse, SeriesKey series, string measure, WindowSpec window, bool ofSegment,
        Func<ImmutableArray<Shortfall>> prepare) =>
        later!(new CalibrationRequest($"{series} {measure}", referenceId, window, () => isInUse() ? prepare() : [], ofSegment)
        {
            Series = series,
        });

    private BudgetShare Share(ConfiguredThresholds configured, Calibrations.OfReference? known, AlarmSeverity severity)
    {
        var (drift, crossEntropy, policy, accuracy) = (
            configured.Kl.Budget(severity) is not null, configured.CrossEntropy.Budget(severity) is not null,
            configured.PolicyKl.Budget(severity) is not null, configured.Accuracy.Budget(severity) is not null);
        var compared = configured.ComparedWithRest.Length;
        var dispersion = configured.Dispersion.Budget(severity) is not null;
        return known?.Share(windows.Length, drift, crossEntropy, policy, accuracy, compared, dispersion)
            ?? new BudgetShare(reference: null, windows.Length, drift, compared: compared);
    }

    /// <summary>A mean of single events' values over a window, and what its thresholds can be worked out from; null for nothing.</summary>
    private readonly record struct Mean(Measure Measure, double Value, string Name, ValueBaseline? Baseline, long Events, bool Ready);

    /// <summary>Why a fixed threshold watches a window for which there is a budget.</summary>
    [Flags]
    private enum Lacks
    {
        Nothing = 0,

        /// <summary>Its threshold has not been worked out yet.</summary>
        Work = 1,

        /// <summary>The reference has too little to work it out.</summary>
        Reference = 2,
    }
}
