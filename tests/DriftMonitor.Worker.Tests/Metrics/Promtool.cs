namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>Prometheus' own checker, when it is on the path.</summary>
internal static class Promtool
{
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(directory => new[] { "promtool", "promtool.exe" }.Select(name => System.IO.Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);
}
