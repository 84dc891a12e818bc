using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What a host needs to have thresholds and to follow alarms.</summary>
internal static class AlarmHosting
{
    private const int KeptShare = 32; // of the memory: 128 MB of 4 GB, three windows of 20,000 models
    private const int HistoryShare = 64; // likewise: 64 MB, three windows of 2,200 series

    /// <summary>
    /// Adds the <see cref="DriftEvaluator"/>, <see cref="ThresholdsInForce"/>, <see cref="MonitorState"/> and <see cref="AlarmDesk"/>, and
    /// works out calibrations beside the two stages. Models have no owners unless <see cref="ModelOwners"/> were added before.
    /// </summary>
    /// <param name="windows">Those of each series.</param>
    /// <param name="configured">The classes that are configured for a model, null for none.</param>
    public static IServiceCollection AddAlarms(
        this IServiceCollection services, AlarmSettings alarms, ImmutableArray<WindowSpec> windows, EvaluationSettings evaluation,
        Func<string, ClassSpace?>? configured = null)
    {
        services.AddSingleton(new KeptCalibrations(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / KeptShare));
        services.AddSingleton(
            provider => new Calibrations(evaluation.PseudoEvents, provider.GetRequiredService<KeptCalibrations>()));
        services.AddSingleton(
            provider => new DriftEvaluator(evaluation, provider.GetRequiredService<Calibrations>().KnownFluctuation, configured));
        services.AddSingleton<PendingCalibrations>();
        services.AddSingleton(provider => new ThresholdsInForce(
            alarms, windows, evaluation.MinimumEvents, provider.GetRequiredService<Calibrations>(),
            provider.GetRequiredService<PendingCalibrations>().Ask));
        services.AddSingleton<ReportStore>();
        services.AddSingleton<FeedbackWindows>();
        services.TryAddSingleton(ModelOwners.None);
        services.AddSingleton<ActiveAlarms>();
        services.AddSingleton<AlarmTests>();
        services.AddSingleton(new EvaluationHistory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / HistoryShare));
        services.AddSingleton<LeftOutWindows>();
        services.AddSingleton<UsedReferences>();
        services.AddSingleton<RecentRecords>();
        services.AddSingleton<ModelStates>();
        services.AddSingleton<MonitorState>();
        services.AddSingleton<AlarmDesk>();
        services.AddHostedService<CalibrationWorker>();
        return services;
    }
}
