using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Benchmarks;

/// <summary>The windows and the lateness that the configuration has by default.</summary>
internal static class DefaultPlan
{
    public static WindowPlan Create(bool trailing = true, bool panes = false) => WindowPlan.Create(
        [Window("5m/10s"), Window("1h/1m"), Window("24h/10m")],
        allowedLateness: TimeSpan.FromMinutes(1),
        allowedSkew: TimeSpan.FromMinutes(1),
        disorderSlack: TimeSpan.FromSeconds(10),
        trailing,
        new ModelSet([], Others: panes));

    private static WindowSpec Window(string text) =>
        WindowSpec.TryParse(text, out var window, out var problem) ? window : throw new ArgumentException(problem, nameof(text));
}
