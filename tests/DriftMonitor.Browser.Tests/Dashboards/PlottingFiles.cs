using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>uPlot, which draws time series: the copy that the monitor's own pages have.</summary>
internal sealed record PlottingFiles(string Script, string Style)
{
    private static readonly string Directory = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Pages", "assets");

    public static PlottingFiles Read() => new(
        File.ReadAllText(Path.Combine(Directory, "uPlot.iife.min.js")), File.ReadAllText(Path.Combine(Directory, "uPlot.min.css")));
}
