using DriftMonitor.Worker.Tests;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>uPlot, which draws time series: the copy that the monitor's own pages have, else from npm's registry.</summary>
internal sealed record PlottingFiles(string Script, string Style)
{
    private static readonly string Vendored = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Pages", "assets");

    private static readonly Lazy<Task<PlottingFiles>> Found = new(SearchAsync);

    public static Task<PlottingFiles> FindAsync() => Found.Value;

    private static async Task<PlottingFiles> SearchAsync()
    {
        if (Directory.Exists(Vendored) && Directory.GetFiles(Vendored, "uPlot.iife.min.js").Length > 0)
        {
            return Read(Vendored);
        }

        Tool.Need("npm");
        var directory = Directory.CreateTempSubdirectory("driftmonitor-uplot-");
        try
        {
            var (exitCode, output) = await Tool.RunAsync(
                "npm", "install", "--prefix", directory.FullName, "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund",
                "uplot@1.6.32");
            Assert.SkipWhen(exitCode != 0, $"npm's registry cannot be reached: {output.ReplaceLineEndings(" ")}");
            return Read(Path.Combine(directory.FullName, "node_modules", "uplot", "dist"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static PlottingFiles Read(string directory) => new(
        File.ReadAllText(Path.Combine(directory, "uPlot.iife.min.js")), File.ReadAllText(Path.Combine(directory, "uPlot.min.css")));
}
