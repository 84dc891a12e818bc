using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Alarms;

/// <summary>What follows alarms, put together as the service does, without what feeds it.</summary>
internal static class AlarmServices
{
    public static ServiceProvider Of(AlarmSettings alarms, LogLines? log = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        services.AddSingleton(new WatchedModels(10, 10, acceptUnknown: true));
        services.AddLogging(logging => logging.ClearProviders().AddProvider(log ?? new LogLines()));
        services.AddAlarms(alarms, Reported.Windows, new EvaluationSettings());
        services.AddMonitorMetrics([], TimeSpan.Zero);
        return services.BuildServiceProvider();
    }
}
