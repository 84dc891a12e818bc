using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Recorded;

/// <summary>Runs what was recorded through the monitor and notes what each setting would have alerted.</summary>
public sealed class BacktestRun
{
    private readonly ReplayPipeline _pipeline;
    private readonly Action<DriftReport, SettingOutcome, ImmutableArray<Reading>> _onEvaluation;
    private readonly ReplayFeedback? _feedback;
    private readonly SortedSet<(string Model, string Segment)> _series = [];
    private readonly HashSet<string> _compared = [];
    private readonly HashSet<SeriesKey> _besideRest = [];
    private readonly HashSet<string> _otherClasses = [];
    private readonly ReferenceSet _references;

    /// <param name="plan">The windows.</param>
    /// <param name="references">What windows are compared with.</param>
    /// <param name="evaluation">How.</param>
    /// <param name="feedback">What labels say; null without any.</param>
    /// <param name="settings">What to try, at least one.</param>
    /// <param name="onEvaluation">Called with each report and what a setting says of it.</param>
    /// <param name="onRefused">Called with why the prediction that is being read counts in no window: late or future.</param>
    /// <param name="kept">What was calibrated before, and need not be again; null for nothing.</param>
    public BacktestRun(
        WindowPlan plan,
        ReferenceSet references,
        EvaluationSettings evaluation,
        ReplayFeedback? feedback,
        IReadOnlyList<BacktestSetting> settings,
        Action<DriftReport, SettingOutcome, ImmutableArray<Reading>> onEvaluation,
        Action<RejectionReason>? onRefused = null,
        KeptCalibrations? kept = null)
    {
        Plan = plan;
        var calibrations = new Calibrations(evaluation.PseudoEvents, kept);
        calibrations.Use(references);
        Shortfalls =
        [
            .. from reference in references.ByModel.Values.Where(IsCalibrated).OrderBy(reference => reference.Model, StringComparer.Ordinal)
               from line in ShortfallText.Lines(calibrations.Of(reference.Model)!, plan.Windows, plan.Compared.Of(reference.Model))
               select line,
        ];
        var evaluator = new DriftEvaluator(evaluation, Fluctuation);
        Outcomes = [
            .. settings.Select(
                setting => new SettingOutcome(
                    setting, new ThresholdsInForce(setting.Alarms, plan.Windows, evaluation.MinimumEvents, calibrations),
                    evaluator))];
        _references = references;
        _feedback = feedback;
        _onEvaluation = onEvaluation;
        _pipeline = new ReplayPipeline(plan, references, evaluator, Note, onRefused);

        bool IsCalibrated(ReferenceSnapshot reference) =>
            DriftCalibration.CanCalibrate(reference) && settings.Any(setting => setting.Alarms.CalibratesDrift(reference.Model));

        double? Fluctuation(ReferenceSnapshot reference, SeriesKey series, WindowSpec window) =>
            DriftCalibration.CanCalibrate(reference) ? calibrations.Of(series.Model)!.Drift(series.Segment).Fluctuation(window) : null;
    }

    /// <summary>The windows.</summary>
    public WindowPlan Plan { get; }

    /// <summary>What the references are too small for, in words.</summary>
    public ImmutableArray<string> Shortfalls { get; } = [];

    /// <summary>What each setting would have alerted.</summary>
    public IReadOnlyList<SettingOutcome> Outcomes { get; }

    /// <summary>How many windows were evaluated.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Those that could raise an alarm.</summary>
    public long ReadyEvaluations { get; private set; }

    /// <summary>How many records were read.</summary>
    public long Records => _pipeline.Lines;

    /// <summary>How many records were rejected, by reason.</summary>
    public IReadOnlyDictionary<RejectionReason, long> Rejected => _pipeline.Rejected;

    /// <summary>How many predictions count in no window, since one with their id came before them.</summary>
    public long Duplicates => _pipeline.Duplicates;

    /// <summary>The models whose inferred classes gave way to others, in the order of time.</summary>
    public IReadOnlyList<ClassesOutvoted> ClassChanges => _pipeline.ClassChanges;

    /// <summary>How many events count in no window, since their classes were not in force, in each of their series.</summary>
    public long OtherClasses => _pipeline.OtherClasses;

    /// <summary>The times of the first and the last event, epoch milliseconds; null without any.</summary>
    public (long FirstMs, long LastMs)? Span => _pipeline is { FirstEventMs: { } first, LastEventMs: { } last } ? (first, last) : null;

    /// <summary>What became of the labels; null without any.</summary>
    public string? Labels => _feedback?.Summary;

    /// <summary>What was watched, by name.</summary>
    public IEnumerable<SeriesKey> Series => _series.Select(series => new SeriesKey(series.Model, series.Segment));

    /// <summary>Whether any window that was ready had a reference to compare with.</summary>
    public bool AnyCompared => _compared.Count > 0;

    /// <summary>The models, watched or of a reference, of which no window was compared, by name, and why.</summary>
    public IEnumerable<(string Model, string Why)> NeverCompared =>
        from model in _series.Select(series => series.Model)
            .Union(_references.ByModel.Keys, StringComparer.Ordinal)
            .Except(_compared, StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
        select (model, _references.Of(model) is null ? "has no reference"
            : !_series.Any(series => series.Model == model) ? "has no prediction that counts"
            : _otherClasses.Contains(model) ? "has other classes than its reference"
            : "had no window that was ready");

    /// <summary>
    /// The segments that were to be compared with the rest of their model's traffic, and of which no model has any event.
    /// </summary>
    public IEnumerable<string> NeverBesideRest =>
        _series.Select(series => series.Model).Distinct(StringComparer.Ordinal).SelectMany(model => Plan.Compared.Of(model))
            .Distinct(StringComparer.Ordinal)
            .Where(segment => !_besideRest.Any(series => series.Compared.Segment == segment))
            .Order(StringComparer.Ordinal);

    /// <summary>The window to picture a series by: that of its first alert, else the shortest; null when none was ever ready.</summary>
    public (WindowSpec Window, Trace Trace)? Pictured(SeriesKey series)
    {
        var first = Outcomes[0].DriftOf(series).FirstOrDefault()?.FirstWindow;
        return Plan.Windows
            .OrderByDescending(window => window == first)
            .ThenBy(window => window.LengthMs)
            .Select(window => Outcomes[0].TraceOf(series, window) is { } trace ? (window, trace) : ((WindowSpec, Trace)?)null)
            .FirstOrDefault(pictured => pictured is not null);
    }

    /// <summary>Reads everything.</summary>
    /// <param name="predictions">Each with its offset and its record's time; a record is not used after the next.</param>
    public void Run(IObservable<PredictionRecord> predictions) => _pipeline.Run(predictions);

    private void Note(DriftReport report)
    {
        Evaluations++;
        ReadyEvaluations += report.Ready ? 1 : 0;
        _series.Add((report.Window.Series.Model, report.Window.Series.Segment));
        if (report.Window.Rest is not null)
        {
            _besideRest.Add(report.Window.Series);
        }

        if (report.Ready
            && report.Divergences is not null
            && (report.Window.Rest is null || _references.Of(report.Window.Series.Model) is null))
        {
            _compared.Add(report.Window.Series.Model);
        }
        else if (_references.Of(report.Window.Series.Model) is { } reference && reference.ClassSpace.Id != report.Window.Classes.SpaceId)
        {
            _otherClasses.Add(report.Window.Series.Model);
        }

        var labels = LabelsOf(report.Window);
        foreach (var outcome in Outcomes)
        {
            _onEvaluation(report, outcome, outcome.Note(report, labels));
        }
    }

    /// <summary>What labels say of a window: those that came in it, and those of its predictions.</summary>
    private FeedbackWindow[] LabelsOf(LiveWindow window)
    {
        return _feedback is null ? [] : [Of(Attribution.LabelTime), Of(Attribution.PredictionTime)];

        FeedbackWindow Of(Attribution attribution) => new(
            window.Series, window.Window, attribution, window.ToMs, _feedback.Over(window, attribution), window.Complete)
        {
            Panes = window.Complete ? () => _feedback.PanesOver(window, attribution) : null,
        };
    }
}
