using System.Globalization;
using ScottPlot;
using ScottPlot.MultiplotLayouts;

namespace DriftMonitor.Benchmarks;

/// <summary>The samples of a soak as a file, a picture and a table, and whether what must not grow has grown.</summary>
internal static class SoakReport
{
    private const int PanelHeight = 150;
    private const int Width = 900;

    /// <summary>
    /// What is drawn, and by how much its median may grow from the second quarter to the last: by a share, or by so many.
    /// </summary>
    private static readonly (string Name, Func<SoakSample, double> Value, double MostShare, double MostMore)[] Measures =
    [
        ("resident memory, MB", sample => sample.Megabytes, 0.10, 0),
        ("open file handles", sample => sample.Handles, 0, 5),
        ("threads", sample => sample.Threads, 0, 3),
        ("files of the feedback store", sample => sample.Files, 0, 5),
        ("series of a scrape", sample => sample.Series, 0.25, 0),
        ("active alarms", sample => sample.Alarms, 0, double.PositiveInfinity),
    ];

    /// <returns>Whether nothing has grown.</returns>
    public static bool Write(IReadOnlyList<SoakSample> samples)
    {
        File.WriteAllLines("soak.csv", [SoakSample.Header, .. samples.Select(sample => sample.ToString())]);
        Draw(samples);
        Console.WriteLine("| | median of the second quarter | of the last | least | most | flat |\n|---|--:|--:|--:|--:|---|");
        var flat = true;
        foreach (var (name, value, mostShare, mostMore) in Measures)
        {
            var (second, last) = (Median(samples, value, 1), Median(samples, value, 3));
            var grows = last > (second * (1 + mostShare)) + mostMore;
            flat &= !grows;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {second:0} | {last:0} | {samples.Min(value):0} | {samples.Max(value):0} | {(grows ? "no" : "yes")} |"));
        }

        return flat;
    }

    private static double Median(IReadOnlyList<SoakSample> samples, Func<SoakSample, double> value, int quarter)
    {
        var inQuarter = samples.Skip(samples.Count * quarter / 4).Take(Math.Max(1, samples.Count / 4));
        var values = inQuarter.Select(value).Where(double.IsFinite).Order().ToArray();
        return values.Length == 0 ? double.NaN : values[values.Length / 2];
    }

    private static void Draw(IReadOnlyList<SoakSample> samples)
    {
        var pictures = new Multiplot();
        pictures.AddPlots(Measures.Length);
        pictures.Layout = new Rows();
        for (var i = 0; i < Measures.Length; i++)
        {
            var (name, value, _, _) = Measures[i];
            var plot = pictures.GetPlot(i);
            double[] minutes = [.. samples.Select(sample => sample.Minutes)];
            double[] values = [.. samples.Select(value)];
            var line = plot.Add.Scatter(minutes, values, Color.FromHex("#0b3d91"));
            (line.LineWidth, line.MarkerSize) = (1.5f, 0);
            plot.Axes.SetLimitsY(0, Math.Max(1, values.Where(double.IsFinite).DefaultIfEmpty(1).Max() * 1.15));
            plot.Title(name, 13);
            plot.Font.Set("DejaVu Sans");
        }

        pictures.GetPlot(Measures.Length - 1).XLabel("minutes", 12);
        pictures.SavePng("soak.png", Width, Measures.Length * PanelHeight);
    }
}
