using System.Globalization;
using System.Text;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Worker.Commands;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Recorded;

/// <summary>Lines sent through the pipeline in this process: the reports, and the lines that count in none.</summary>
internal sealed class Replayed
{
    /// <summary>2026-01-01T00:00:00Z, on the border of every window used here.</summary>
    public const long T0 = 1_767_225_600_000;

    private readonly List<DriftReport> _reports = [];

    public Replayed(IEnumerable<string> lines, string windows = "1m/1m", int latenessMs = 0, ReferenceSet? references = null)
    {
        var plan = WindowPlan.Create(
            windows.Split(' ').Select(
                text => WindowSpec.TryParse(text, out var spec, out var problem) ? spec : throw new ArgumentException(problem)),
            TimeSpan.FromMilliseconds(latenessMs),
            TimeSpan.Zero,
            TimeSpan.Zero);
        var models = new WatchedModels(100, 100, acceptUnknown: true);
        foreach (var snapshot in references?.ByModel.Values ?? [])
        {
            models.Add(snapshot.Model).Fix(snapshot.Classes);
        }

        var pipeline = new ReplayPipeline(
            plan, references ?? ReferenceSet.Empty, new DriftEvaluator(new EvaluationSettings(1, 1)), _reports.Add);
        pipeline.Run(new RecordedLines(lines).Decode(RecordedSource.OwnJson, models));
        Rejected = pipeline.Rejected;
    }

    public IReadOnlyList<DriftReport> Reports => _reports;

    public IReadOnlyDictionary<RejectionReason, long> Rejected { get; }

    /// <summary>The reports as the command prints them.</summary>
    public string Output
    {
        get
        {
            using var output = new MemoryStream();
            using (var lines = new JsonLineWriter(output))
            {
                _reports.ForEach(report => lines.Write(ReportJson.Of(report)));
            }

            return Encoding.UTF8.GetString(output.ToArray());
        }
    }

    public static string Line(double seconds, string model = "m", string? segment = null, double share = 0.5) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"model":"{{model}}","ts":{{T0 + (long)(1_000 * seconds)}}{{(segment is null ? "" : $",\"segment\":\"{segment}\"")}},"probs":[{{share}},{{1 - share}}]}""");

    /// <summary>Each window of a series as (from, to, events), in seconds after <see cref="T0"/>.</summary>
    public IEnumerable<(long From, long To, long Events)> Of(string model = "m", string segment = "_all", string? window = null) => _reports
        .Where(report => report.Window.Series == new SeriesKey(model, segment) && (window is null || report.Window.Window.Name == window))
        .Select(report => ((report.Window.FromMs - T0) / 1_000, (report.Window.ToMs - T0) / 1_000, report.Window.Events));
}
