using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Median delay by the size of a sudden spread, a panel a stream, both axes logarithmic.</summary>
internal static class DelayChart
{
    private const int Height = 560;
    private const int PanelWidth = 480;

    private static readonly double[] Ticks = [0.2, 0.5, 1, 2, 5, 10, 30, 60, 180, 480, 1440];

    private static readonly Dictionary<string, (string Colour, MarkerShape Marker, float Width)> Styles = new()
    {
        ["KL"] = ("#6f9fd8", MarkerShape.OpenCircle, 1.5f),
        ["PSI"] = ("#2f9e6e", MarkerShape.OpenSquare, 1.5f),
        ["JS distance"] = ("#9a67c9", MarkerShape.OpenTriangleUp, 1.5f),
        ["G-test"] = ("#8a8f98", MarkerShape.OpenDiamond, 1.5f),
        ["CUSUM k=0.25"] = ("#c8102e", MarkerShape.FilledTriangleUp, 2f),
        ["ADWIN"] = ("#d98200", MarkerShape.FilledSquare, 1.5f),
        ["Page–Hinkley"] = ("#a0522d", MarkerShape.FilledDiamond, 1.5f),
        ["this monitor"] = ("#0b3d91", MarkerShape.FilledCircle, 3.5f),
    };

    public static void Save(IReadOnlyList<DelayResult> results, string path)
    {
        var pictures = new Multiplot();
        pictures.AddPlots(results.Count);
        pictures.Layout = new Columns();
        for (var i = 0; i < results.Count; i++)
        {
            Draw(pictures.GetPlot(i), results[i], legend: i == 0);
        }

        pictures.SavePng(path, results.Count * PanelWidth, Height);
    }

    private static void Draw(Plot plot, DelayResult result, bool legend)
    {
        (int Index, double Size)[] sizes = [.. result.Stream.Scenarios
            .Select((scenario, index) => (Index: index, Scenario: scenario))
            .Where(pair => pair.Scenario is { Shape: DriftShape.Spread, RampMinutes: 0 })
            .Select(pair => (pair.Index, pair.Scenario.Size))];
        foreach (var (name, style) in Styles)
        {
            var detector = Array.IndexOf(result.Detectors, name);
            var points = sizes.Select(size => (X: Math.Log10(size.Size), Minutes: result.Quantile(detector, size.Index, 0.5)))
                .Where(point => point.Minutes <= 1440)
                .ToArray();
            var line = plot.Add.Scatter(
                points.Select(point => point.X).ToArray(), points.Select(point => Math.Log10(point.Minutes)).ToArray(),
                Color.FromHex(style.Colour));
            (line.LineWidth, line.MarkerShape, line.MarkerSize, line.LegendText) = (style.Width, style.Marker, 8, name);
        }

        plot.Axes.Left.TickGenerator = new NumericManual([.. Ticks.Select(Math.Log10)], [.. Ticks.Select(Text)]);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. sizes.Select(size => Math.Log10(size.Size))], [.. sizes.Select(size => Text(size.Size))]);
        plot.Axes.SetLimits(Math.Log10(sizes[0].Size) - 0.1, Math.Log10(sizes[^1].Size) + 0.1, Math.Log10(0.15), Math.Log10(2000));
        plot.Title(result.Stream.Kind.Name, 15);
        plot.XLabel("size of the sudden drift (change of log-shares)", 12);
        plot.YLabel("median minutes to the alarm", 12);
        plot.Font.Set("DejaVu Sans");
        plot.Legend.IsVisible = legend;
        if (legend)
        {
            plot.ShowLegend(Alignment.LowerLeft);
        }
    }

    private static string Text(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
