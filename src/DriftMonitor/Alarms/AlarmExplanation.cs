using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;

namespace DriftMonitor.Alarms;

/// <summary>All that somebody who is woken wants to know of an alarm at a glance. Immutable.</summary>
/// <param name="Alarm">The alarm: what, how urgent, since when, how far at its worst.</param>
/// <param name="Now">The window that explains it: of those above the one furthest above, else the one that was. Null when there is none any
/// more.</param>
/// <param name="Report">The report of that window, with the classes that drive the divergence and the reference it is from; null without
/// one.</param>
/// <param name="Windows">All windows of the series, the shortest first.</param>
/// <param name="Segments">The same window of the model's other series, all traffic first.</param>
/// <param name="Slices">The segments that are above where others are not; none when it is all traffic.</param>
/// <param name="Labels">Whether labels confirm it.</param>
public sealed record AlarmExplanation(
    Alarm Alarm,
    WindowStanding? Now,
    DriftReport? Report,
    ImmutableArray<WindowStanding> Windows,
    ImmutableArray<WindowStanding> Segments,
    ImmutableArray<string> Slices,
    LabelEvidence Labels)
{
    /// <summary>How often such an alarm may be false; null where the threshold is fixed.</summary>
    public FalseAlarmBudget? Budget => Alarm.Peak.Budget;

    /// <summary>What KL divergence shows over that window with no drift at all; null where it does not apply.</summary>
    public double? NoiseFloorNats => Alarm.Kind == AlarmKind.OutputDrift ? Report?.Divergences?.NoiseFloorNats : null;

    /// <summary>
    /// The mean in the reference of what the alarm is about: what labels cost, how often predictions were wrong, or an estimate of policy
    /// KL; null where it is not known, and of outputs.
    /// </summary>
    public double? Baseline => Alarm.Kind switch
    {
        AlarmKind.CrossEntropy => Labels.CrossEntropyBaselineNats,
        AlarmKind.Accuracy => 1 - Labels.AccuracyBaselineRatio,
        AlarmKind.Dispersion => 0, // the measures are what it has risen or fallen by
        AlarmKind.PolicyKl when Report?.Reference is { } reference => reference.Policies
            .Where(policy => Measures.Of(policy.Key) == (Now?.Measure ?? Alarm.Peak.Measure))
            .Select(policy => (double?)policy.Value.Mean)
            .FirstOrDefault(),
        _ => null,
    };

    /// <summary>
    /// How large the drift is now: of outputs the divergence less its noise floor, of what labels and policies show the mean less that of
    /// the reference. In the unit of the measure; null where it is not known.
    /// </summary>
    public double? Effect => Alarm.Kind == AlarmKind.OutputDrift
        ? Report?.Divergences is { } found && NoiseFloorNats is { } floor && double.IsFinite(floor)
            ? found.KlLiveVsReferenceNats - floor
            : null
        : Now?.Value - Baseline;

    /// <summary>The least effect that is worth such an alarm, in the same unit.</summary>
    public double SmallestEffect { get; init; }

    /// <summary>
    /// Where a CUSUM explains it, the KL divergence of the same window that is furthest above its threshold, or least below: whether the
    /// drift is large, too. Null else.
    /// </summary>
    public Reading? Divergence { get; init; }

    /// <summary>Explains an alarm by what is known now.</summary>
    public static AlarmExplanation Of(Alarm alarm, AlarmEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(alarm);
        ArgumentNullException.ThrowIfNull(evidence);
        var states = evidence.States(alarm);
        ImmutableArray<WindowStanding> windows =
        [
            .. states.Of(alarm.Series)
                .Select(state => state with
                {
                    AboveSinceMs = alarm.Above
                        .Where(above => above.Window == state.Window && above.Stream == Measures.StreamOf(state.Measure))
                        .Select(above => (long?)above.SinceMs)
                        .FirstOrDefault(),
                })
                .OrderBy(state => state.Window.LengthMs)
                .ThenBy(state => state.Measure),
        ];
        var now = windows.Where(state => state.Above).MaxBy(state => state.Rank)
            ?? windows.FirstOrDefault(state => state.Window == alarm.PeakWindow);
        var window = now?.Window ?? alarm.PeakWindow;
        ImmutableArray<WindowStanding> segments = [.. states.Over(window).Where(state => state.Series != alarm.Series)];
        var judged = evidence.Report(alarm.Series, window);
        return new AlarmExplanation(
            alarm, now, judged?.Report, windows, segments, SlicesOf(alarm.Series, segments),
            LabelEvidence.Of(alarm, window, evidence))
        {
            SmallestEffect = evidence.SmallestEffect(alarm.Series.Model).Of(alarm.Kind),
            Divergence = now is { Measure: Measure.CusumLiveVsReference, Threshold: not null } && judged is not null
                ? DivergenceOf(alarm, judged.Drift)
                : null,
        };
    }

    /// <summary>All traffic: every segment that there is, or none of them alone. Else those that are above.</summary>
    private static ImmutableArray<string> SlicesOf(SeriesKey series, ImmutableArray<WindowStanding> others)
    {
        if (series.IsComparison)
        {
            return [series.Segment];
        }

        // of the others nobody can say
        var segments = others.Where(
            state => state.Series.Segment != SeriesKey.All && state is { Ready: true, Threshold: not null }).ToArray();
        var above = segments.Where(state => state.Above).Select(state => state.Series.Segment).ToArray();
        return above.Length == segments.Length && (series.Segment == SeriesKey.All || segments.Length > 0) ? []
            : series.Segment == SeriesKey.All ? [.. above]
            : [series.Segment, .. above];
    }

    private static Reading? DivergenceOf(Alarm alarm, ImmutableArray<Reading> readings) => readings
        .Where(
            reading => reading.Severity == alarm.Severity
                && reading.Budget is not null == alarm.Calibrated
                && reading.Measure != Measure.CusumLiveVsReference)
        .Cast<Reading?>()
        .MaxBy(reading => reading!.Value.Ratio);
}
