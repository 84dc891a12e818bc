namespace DriftMonitor.Worker.Views;

/// <summary>All that the API and the pages show, of all replicas: lists by the statuses of all models, details by their owners.</summary>
internal sealed class MonitorViews
{
    /// <summary>What every page needs of this replica. At once, from memory.</summary>
    public SiteView Site() => throw new NotSupportedException();

    /// <summary>The alarms that are asked for: those that are on first, the most urgent first, then the last to end first.</summary>
    public IReadOnlyList<AlarmItem> Alarms(AlarmFilter filter) => throw new NotSupportedException();

    /// <summary>The first of the alarms that are asked for, explained by its owner.</summary>
    public Task<Answer<AlarmDetail>> AlarmAsync(AlarmFilter filter, CancellationToken cancelled) => throw new NotSupportedException();

    /// <summary>The models that are asked for, those that need somebody first.</summary>
    public IReadOnlyList<ModelItem> Models(ModelFilter filter) => throw new NotSupportedException();

    /// <summary>A model, by its owner.</summary>
    public Task<Answer<ModelDetail>> ModelAsync(string model, CancellationToken cancelled) => throw new NotSupportedException();

    /// <summary>What a window was evaluated to over the last hours, by its owner.</summary>
    public Task<Answer<HistoryView>> HistoryAsync(string model, string segment, string window, CancellationToken cancelled) =>
        throw new NotSupportedException();

    /// <summary>The references of a model, or of all, each model's highest version first.</summary>
    public IReadOnlyList<ReferenceItem> References(string? model) => throw new NotSupportedException();

    /// <summary>The last promotion of a model that was asked for at this replica; null for none.</summary>
    public PromotionView? Promotion(string model) => throw new NotSupportedException();

    /// <summary>What replicas have rejected.</summary>
    public Task<RejectionsView> RejectionsAsync(CancellationToken cancelled) => throw new NotSupportedException();

    /// <summary>How the monitor itself is.</summary>
    public Task<MonitorView> MonitorAsync(CancellationToken cancelled) => throw new NotSupportedException();
}
