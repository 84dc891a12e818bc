using System.Text.Json;
using DriftMonitor.Model;
using DriftMonitor.References;

namespace DriftMonitor.Tests;

/// <summary>The recorded outputs of a digit classifier, and what an independent computation says of them.</summary>
internal static class Digits
{
    private const string Folder = "src/DriftMonitor.Worker/Commands/Demo/digits";

    public static readonly ModelClasses Classes = new(ClassSpace.Indexed(10), ModelClasses.Configured);

    public static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllBytes(PathOf("expected.json"))).RootElement;

    public static readonly ReferenceSnapshot Reference = BuildReference();

    public static IEnumerable<PredictionRecord> Predictions(string file = "predictions.jsonl")
    {
        var model = Given.Model("digits-lr");
        var offset = 0L;
        foreach (var line in File.ReadLines(PathOf(file)))
        {
            using var json = JsonDocument.Parse(line);
            var timeMs = json.RootElement.GetProperty("ts").GetInt64();
            var record = Given.Prediction(
                model, Classes, offset++, timeMs, timeMs, null,
                [.. json.RootElement.GetProperty("probs").EnumerateArray().Select(p => p.GetDouble())]);
            Assert.Equal(RejectionReason.None, Simplex.Normalise(record.Probabilities));
            yield return record;
        }
    }

    public static double[] Numbers(this JsonElement element, string property) =>
        [.. element.GetProperty(property).EnumerateArray().Select(number => number.GetDouble())];

    public static double Number(this JsonElement element, string property) => element.GetProperty(property).GetDouble();

    private static ReferenceSnapshot BuildReference()
    {
        var builder = new ReferenceBuilder("digits-lr", Classes.Space);
        foreach (var record in Predictions("reference.jsonl"))
        {
            builder.Add(record);
        }

        return builder.Build(1, DateTimeOffset.UnixEpoch);
    }

    private static string PathOf(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DriftMonitor.sln")))
            {
                return Path.Combine(folder.FullName, Folder, file);
            }
        }

        throw new FileNotFoundException("DriftMonitor.sln lies in no folder above the tests");
    }
}
