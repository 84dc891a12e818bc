using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Screens;

/// <summary>What the first page shows.</summary>
/// <param name="Filter">Which alarms are asked for.</param>
/// <param name="Alarms">A page of those.</param>
/// <param name="Critical">How many of all that are on reach people as critical.</param>
/// <param name="Warnings">How many as warnings.</param>
/// <param name="Told">How many are on and page nobody, since an alarm that had just ended said it already.</param>
/// <param name="Models">All models that are known, those that need somebody first.</param>
/// <param name="Topics">The topics that predictions are read from, where no model is known yet.</param>
/// <param name="NowMs">The time that durations are seen from, epoch milliseconds.</param>
internal sealed record AlarmBoard(
    AlarmFilter Filter, ListPage<AlarmItem> Alarms, int Critical, int Warnings, int Told,
    IReadOnlyList<ModelItem> Models, ImmutableArray<string> Topics, long NowMs)
{
    /// <summary>
    /// Models of which a drift would raise no alarm now, as the Overview dashboard counts them; those that need somebody first, then those
    /// that come right by themselves.
    /// </summary>
    public ImmutableArray<ModelItem> Unguarded { get; } =
    [
        .. Models.Where(model => model.State is not (ModelState.Guarded or ModelState.Retired))
            .OrderBy(model => !Phrases.StateText.NeedsSomebody(model.State)),
    ];

    public int Guarded { get; } = Models.Count(model => model.State == ModelState.Guarded);

    public int Filling { get; } = Models.Count(model => model.State == ModelState.Filling);

    /// <summary>Replicas that owned models and have not said anything for so long that they are gone.</summary>
    public ImmutableArray<string> Gone { get; } =
        [.. Models.Where(model => model.IsOwnerGone).Select(model => model.Replica ?? "").Distinct(StringComparer.Ordinal)];

    /// <summary>Whether somebody looks for something.</summary>
    public bool IsFiltered => Filter is not { Search: null, Severity: null, On: null };
}
