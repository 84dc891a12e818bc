using System.Text.Json.Nodes;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>The two models of the pictures, which have the same recorded outputs: the camera of one of them turns.</summary>
internal static class DigitsModels
{
    public const string Drifting = "digits-lr";
    public const string Steady = "digits-steady";

    public static readonly string[] Topics =
    [
        "predictions", "feedback", "driftmonitor.panes", "driftmonitor.panes.rollups", "driftmonitor.panes.status",
        "driftmonitor.panes.feedback", "driftmonitor.panes.calibrations", "driftmonitor.panes.references",
    ];

    public static string[] All { get; } = [Drifting, Steady];

    /// <summary>Recorded lines, as those of the model that does not drift.</summary>
    public static string[] Steadily(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.Replace(Drifting, Steady, StringComparison.Ordinal))];

    /// <summary>Writes the reference of each.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="createdMs">When they were made.</param>
    /// <param name="lineMs">How far apart predictions are; as they were recorded if null.</param>
    public static void WriteReferences(DirectoryInfo directory, long createdMs, long? lineMs)
    {
        var predictions = File.ReadAllLines(RepositoryFiles.Digits("reference.jsonl")).Select(Object).ToArray();
        var feedback = File.ReadAllLines(RepositoryFiles.Digits("reference-feedback.jsonl")).Select(Object).ToArray();
        if (lineMs is { } apart)
        {
            var times = predictions.Index().ToDictionary(one => (string)one.Item["id"]!, one => Time(predictions[0]) + (one.Index * apart));
            Array.ForEach(predictions, prediction => prediction["ts"] = times[(string)prediction["id"]!]);
            Array.ForEach(feedback, label => label["ts"] = times[(string)label["id"]!] + 1_000);
        }

        foreach (var model in All)
        {
            PredictionFiles Written(string name, JsonObject[] documents)
            {
                var path = Path.Combine(directory.Parent!.FullName, $"{model}-{name}.jsonl");
                var lines = documents.Select(document => document.ToJsonString());
                File.WriteAllLines(path, model == Steady ? Steadily(lines) : lines);
                return new PredictionFiles([new RecordedFile(new FileInfo(path))], RecordedSource.OwnJson.Source);
            }

            var labels = new ReferenceFromPredictions.Labels(
                Written("feedback", feedback), RecordedSource.OwnJson, TimeSpan.FromMinutes(5));
            var reference = ReferenceFromPredictions.Build(
                Written("reference", predictions), null, null, 1, DateTimeOffset.FromUnixTimeMilliseconds(createdMs), labels: labels)
                .Snapshots.Single();
            ReferenceFile.Write(reference, Path.Combine(directory.FullName, $"{model}.json"));
        }
    }

    private static JsonObject Object(string line) => JsonNode.Parse(line)!.AsObject();

    private static long Time(JsonObject document) => (long)document["ts"]!;
}
