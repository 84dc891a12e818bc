using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Screens;

/// <summary>What the page of all models shows.</summary>
/// <param name="Filter">Which are asked for.</param>
/// <param name="Models">A page of those, the ones that need somebody first.</param>
/// <param name="Alarms">Of each model the most urgent alarm that is on.</param>
/// <param name="NowMs">The time that durations are seen from, epoch milliseconds.</param>
internal sealed record ModelList(ModelFilter Filter, ListPage<ModelItem> Models, IReadOnlyDictionary<string, AlarmItem> Alarms,
    long NowMs);
