using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks;

internal static class Spans
{
    public static WindowSpec Parse(string text) => WindowSpec.TryParse(text, out var spec, out var problem) ? spec : throw new FormatException(problem);
}
