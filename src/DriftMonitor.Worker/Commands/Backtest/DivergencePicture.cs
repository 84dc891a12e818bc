using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>A backtest's divergences over time with thresholds, noise floors and alerts, as PNG or SVG: one panel per series.</summary>
/// <remarks>
/// Shown are the series with alerts of their divergence, or, when there are none, all traffic of each model: the first
/// <see cref="MaxPanels"/> by name. Of several settings the first one's alerts are shaded, and the thresholds of all are drawn.
/// </remarks>
internal static class DivergencePicture
{
    private const int MaxPanels = 6;
    private const int Width = 1_200;
    private const int PanelHeight = 520;
    private const int MaxTimes = 8;

    /// <summary>The first sans-serif that is installed: what the library would choose by itself may be anything.</summary>
    private static readonly string FontName = new[]
    {
        "Inter",
        "Open Sans",
        "Noto Sans",
        "Segoe UI",
        "Helvetica Neue",
        "Arial",
        "Liberation Sans",
        "DejaVu Sans",
    }
        .FirstOrDefault(SKFontManager.Default.FontFamilies.Contains, Fonts.Default);

    private static readonly Color Ink = Color.FromHex("#24292f");
    private static readonly Color Live = Color.FromHex("#0b62c4");
    private static readonly Color Reverse = Color.FromHex("#7fb2e5");
    private static readonly Color Floor = Color.FromHex("#d7dde4");
    private static readonly Color[] Severities = [Color.FromHex("#d98200"), Color.FromHex("#c8102e")]; // by severity

    /// <summary>Whether there is any font to write with; without one pictures have lines only.</summary>
    public static bool HasFonts => SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Writes a PNG.</summary>
    /// <returns>How many series were left out.</returns>
    public static int SavePng(BacktestRun run, string path)
    {
        var panels = Panels(run, out var leftOut);
        using var surface = SKSurface.Create(new SKImageInfo(Width, panels.Count * PanelHeight));
        Draw(panels, surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.Span);
        return leftOut;
    }

    /// <summary>Writes an SVG.</summary>
    /// <returns>How many series were left out.</returns>
    public static int SaveSvg(BacktestRun run, string path)
    {
        var panels = Panels(run, out var leftOut);
        using var file = File.Create(path);
        using var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, panels.Count * PanelHeight), file);
        Draw(panels, canvas);
        return leftOut;
    }

    private static void Draw(List<Plot> panels, SKCanvas canvas)
    {
        for (var i = 0; i < panels.Count; i++)
        {
            var bottom = (i + 1) * PanelHeight;
            canvas.Save();
            canvas.ClipRect(new SKRect(0, bottom - PanelHeight, Width, bottom)); // each begins with a clear sheet
            panels[i].Render(canvas, new PixelRect(0, Width, bottom, bottom - PanelHeight));
            canvas.Restore();
        }
    }

    private static List<Plot> Panels(BacktestRun run, out int leftOut)
    {
        var alerted = run.Series.Where(series => run.Outcomes[0].DriftOf(series).Any()).ToList();
        var shown = (alerted.Count > 0 ? alerted : run.Series.Where(series => series.Segment == SeriesKey.All))
            .Where(series => run.Pictured(series) is not null)
            .ToList();
        leftOut = Math.Max(0, shown.Count - MaxPanels);
        var panels = shown.Take(MaxPanels).Select(series => Panel(run, series)).ToList();
        return panels.Count > 0 ? panels : [Styled("nothing to compare: no window was ready and had a reference")];
    }

    private static Plot Panel(BacktestRun run, SeriesKey series)
    {
        var (window, trace) = run.Pictured(series)!.Value;
        var plot = Styled($"{series}: divergence from the reference over {window.Name}");
        var points = trace.Points;
        var lines = run.Outcomes.Select(outcome => (outcome.Setting, outcome.TraceOf(series, window)!.Points)).ToList();
        var scale = LogScale.Of(points
            .SelectMany(point => new[] { point.KlLiveVsReferenceNats, point.KlReferenceVsLiveNats, point.NoiseFloorNats })
            .Concat(lines.SelectMany(line => line.Points).SelectMany(point => new[] { point.WarningNats ?? 0, point.CriticalNats ?? 0 })));
        var end = run.Span!.Value.LastMs;

        var floor = plot.Add.FillY(
            [.. points.Select(point => Day(point.ToMs))], [.. points.Select(_ => 0.0)],
            [.. points.Select(point => scale.PositionOf(point.NoiseFloorNats))]);
        (floor.FillColor, floor.LineWidth, floor.LegendText) = (Floor, 0, "noise floor");
        var alerts = run.Outcomes[0].DriftOf(series).ToList();
        var named = new HashSet<AlarmSeverity>();
        foreach (var alarm in alerts)
        {
            var colour = Severities[(int)alarm.Severity];
            var span = plot.Add.HorizontalSpan(
                Day(alarm.BeganMs), Day(Math.Max(alarm.EndedMs ?? end, alarm.BeganMs)), colour.WithAlpha(.06));
            (span.LineStyle.Width, span.LegendText) = (
                0, named.Add(alarm.Severity) ? $"{SnakeCaseName.InWords(alarm.Severity)} alert" : "");
            plot.Add.VerticalLine(Day(alarm.BeganMs), 1, colour.WithAlpha(.6));
            if (alerts.Count <= MaxTimes)
            {
                var began = plot.Add.Text(
                    $"{SnakeCaseName.InWords(alarm.Severity)} "
                    + $"{TimeText.TimeOfDay(alarm.BeganMs)}{(alarm.First.Measure == Measure.CusumLiveVsReference ? " by CUSUM" : "")}",
                    Day(alarm.BeganMs), alarm.Severity == AlarmSeverity.Critical ? 0.99 : 0.94);
                (began.LabelFontColor, began.LabelFontSize, began.LabelFontName, began.OffsetX) = (colour, 13, FontName, 4);
            }
        }

        for (var i = 0; i < lines.Count; i++)
        {
            var name = lines.Count == 1 ? "threshold" : $"({lines[i].Setting.Name})";
            Line(
                lines[i].Points, point => point.WarningNats, Severities[0], $"warning {name}", 1.5f,
                i == 0 ? LinePattern.Dashed : LinePattern.Dotted);
            Line(
                lines[i].Points, point => point.CriticalNats, Severities[1], $"critical {name}", 1.5f,
                i == 0 ? LinePattern.Dashed : LinePattern.Dotted);
        }

        Line(points, point => point.KlReferenceVsLiveNats, Reverse, "KL(reference‖live)", 1.5f, LinePattern.Solid);
        Line(points, point => point.KlLiveVsReferenceNats, Live, "KL(live‖reference)", 2.5f, LinePattern.Solid);

        var (left, right) = (Day(points[0].ToMs), Day(points[^1].ToMs));
        plot.Axes.SetLimits(left, right + (0.02 * (right - left)), 0, 1);
        double[] ticks = [.. scale.Ticks()];
        plot.Axes.Left.TickGenerator = new NumericManual([.. ticks.Select(scale.PositionOf)], [.. ticks.Select(NumberText.ThreeDigits)]);
        plot.XLabel($"{TimeText.DateAndTime(points[0].ToMs - trace.SpacingMs)} to {TimeText.DateAndTime(points[^1].ToMs)} UTC", 13);
        plot.ShowLegend(Edge.Bottom);
        plot.Font.Set(FontName);
        return plot;

        void Line(
            IReadOnlyList<TracePoint> of, Func<TracePoint, double?> value, Color colour, string name, float width, LinePattern pattern)
        {
            foreach (var stretch in Stretches(of, 3 * trace.SpacingMs))
            {
                var valued = stretch.Where(point => value(point) is not null).ToList();
                if (valued.Count > 0)
                {
                    var line = plot.Add.ScatterLine(
                        valued.Select(point => Day(point.ToMs)).ToArray(),
                        valued.Select(point => scale.PositionOf(value(point)!.Value)).ToArray(), colour);
                    (line.LineWidth, line.LinePattern, line.LegendText) = (width, pattern, name);
                    name = ""; // said once
                }
            }
        }
    }

    /// <summary>The points without the gaps between them, as when there was too little traffic: no line goes over those.</summary>
    private static IEnumerable<List<TracePoint>> Stretches(IReadOnlyList<TracePoint> points, long gapMs)
    {
        var stretch = new List<TracePoint>();
        foreach (var point in points)
        {
            if (stretch.Count > 0 && point.ToMs - stretch[^1].ToMs > gapMs)
            {
                yield return stretch;
                stretch = [];
            }

            stretch.Add(point);
        }

        yield return stretch;
    }

    private static Plot Styled(string title)
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.White;
        plot.Axes.Color(Ink);
        plot.Title(title, 18);
        plot.Axes.Title.Label.Bold = true;
        plot.YLabel("nats (logarithmic)", 13);
        plot.Axes.Left.MinimumSize = 80;
        plot.Axes.DateTimeTicksBottom().TickGenerator = new DateTimeAutomatic { LabelFormatter = Label };
        plot.Legend.Orientation = Orientation.Horizontal;
        (
            plot.Legend.OutlineWidth, plot.Legend.ShadowColor, plot.Legend.SymbolWidth,
            plot.Legend.TightHorizontalWrapping) = (0, Colors.Transparent, 34, true);
        plot.Axes.Frame(false);
        plot.Grid.MajorLineColor = Ink.WithAlpha(.08);
        return plot;
    }

    private static string Label(DateTime at) =>
        at.ToString(at.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : at.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    private static double Day(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToOADate();
}
