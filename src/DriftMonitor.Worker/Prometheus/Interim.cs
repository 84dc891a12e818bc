#pragma warning disable
using System.Collections.Concurrent;
using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.References;
namespace DriftMonitor.Worker.Prometheus;
internal sealed class ReportStore
{
    private readonly ConcurrentDictionary<(SeriesKey, string), DriftReport> _r = new();
    public void Update(DriftReport r) => _r[(r.Window.Series, r.Window.Window.Name)] = r;
    public void Remove(Func<SeriesKey, bool> p) { foreach (var k in _r.Keys) { if (p(k.Item1)) { _r.TryRemove(k, out _); } } }
    public IEnumerable<DriftReport> Reports => _r.Values;
}
internal sealed class MonitorMetrics
{
    public void CountConsumed(string t) { }
    public void CountRejected(string t, RejectionReason r) { }
    public void SetLag(TopicPartition p, long l) { }
    public void RemoveLag(TopicPartition p) { }
    public void SetAssigned(IEnumerable<string> topics, IEnumerable<TopicPartition> p) { }
    public void CountEvaluation(TimeSpan t) { }
    public void Use(ReferenceSet s) { }
}
internal static class Ext
{
    public static void AddMonitorMetrics(this IServiceCollection s, string[] topics, int max) { s.AddSingleton<ReportStore>(); s.AddSingleton<MonitorMetrics>(); }
    public static void MapMonitorMetrics(this WebApplication a) => a.MapGet("/metrics", () => "");
}
