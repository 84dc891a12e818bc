using System.Collections.Immutable;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests.Recorded;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// A recorded stream of two models that answer alike, one with fixed thresholds and one with a budget: each event is one of two classes,
/// drawn from a seed. The first class comes half of the time; while it drifts nine times in ten.
/// </summary>
/// <param name="Spans">The windows.</param>
/// <param name="SlideMs">The smallest slide.</param>
/// <param name="EventsOfSlide">How many events a model has in it.</param>
/// <param name="ReferenceEventsOfSlide">How many its reference has.</param>
/// <param name="DriftsFrom">The slide from which it drifts.</param>
/// <param name="DriftsTo">The slide from which it is as before.</param>
/// <param name="Slides">How many there are.</param>
internal sealed record RecordedStream(
    string Spans, int SlideMs, int EventsOfSlide, int ReferenceEventsOfSlide, int DriftsFrom, int DriftsTo, int Slides)
{
    public const string Fixed = "fixed";
    public const string Budgeted = "budgeted";
    public const double WarningNats = 0.05;
    public const double CriticalNats = 0.125;
    public const string WarningBudget = "1 per 7d";
    public const string CriticalBudget = "1 per 30d";
    private const int ReferenceSlides = 960;
    private const double Share = 0.5;
    private const double DriftedShare = 0.9;

    public static readonly ImmutableArray<string> Models = [Fixed, Budgeted];

    public ImmutableArray<WindowSpec> Windows { get; } =
    [
        .. Spans.Split(", ").Select(text => WindowSpec.TryParse(text, out var spec, out var problem)
            ? spec
            : throw new ArgumentException(problem)),
    ];

    /// <summary>What each model says while all is well, before the stream begins.</summary>
    public ReferenceSet References() => ReferenceSet.Latest(Models.Select(model => Backtested.Reference(
        model,
        Enumerable.Range(-ReferenceSlides, ReferenceSlides).SelectMany(slide => Lines([model], slide, ReferenceEventsOfSlide, Share)))));

    /// <summary>What both models say in a slide, in the order of time.</summary>
    public IEnumerable<string> Lines(int slide) =>
        Lines(Models, slide, EventsOfSlide, slide >= DriftsFrom && slide < DriftsTo ? DriftedShare : Share);

    /// <summary>The alerts that <c>backtest</c> finds, of each model by its own thresholds.</summary>
    public IEnumerable<FoundAlert> Backtest(ReferenceSet references)
    {
        Assert.True(BacktestSetting.TryParseThreshold(
            FormattableString.Invariant($"critical: {CriticalNats}, warning: {WarningNats}"), out var thresholds, out _));
        Assert.True(BacktestSetting.TryParseBudget($"critical: {CriticalBudget}, warning: {WarningBudget}", out var budget, out _));
        var models = new WatchedModels(100, 100, acceptUnknown: true);
        foreach (var snapshot in references.ByModel.Values)
        {
            models.Add(snapshot.Model).Fix(snapshot.Classes);
        }

        var minute = TimeSpan.FromMinutes(1);
        var run = new BacktestRun(
            WindowPlan.Create(Windows, minute, minute, TimeSpan.Zero, withPanes: new ModelSet([], Others: true)),
            references, new EvaluationSettings(), feedback: null, [thresholds, budget], (_, _, _) => { });
        run.Run(new RecordedLines(Enumerable.Range(0, Slides).SelectMany(Lines)).Decode(RecordedSource.OwnJson, models));
        Assert.Empty(run.Rejected);
        return run.Outcomes.SelectMany((outcome, i) => outcome.Alerts.Where(alert => alert.Alarm.Series.Model == Models[i]));
    }

    private IEnumerable<string> Lines(ImmutableArray<string> models, int slide, int events, double share)
    {
        var random = new Random(slide + ReferenceSlides);
        for (var i = 0; i < events; i++)
        {
            var ms = ((long)slide * SlideMs) + ((long)i * SlideMs / events);
            var isFirst = random.NextDouble() < share;
            foreach (var model in models)
            {
                yield return Replayed.Line(ms / 1_000.0, model, share: isFirst ? 1 : 0);
            }
        }
    }
}
