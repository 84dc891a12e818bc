using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>The shipped Grafana dashboards.</summary>
internal static partial class Dashboards
{
    public static string Directory { get; } = Path.Combine(RepositoryFiles.Root, "dashboards", "grafana");

    /// <summary>File name without its end → the dashboard.</summary>
    public static IReadOnlyDictionary<string, JsonNode> All { get; } = System.IO.Directory.GetFiles(Directory, "*.json")
        .ToDictionary(
            file => Path.GetFileNameWithoutExtension(file), file => JsonNode.Parse(File.ReadAllText(file))!, StringComparer.Ordinal);

    /// <summary>The panels of a dashboard, without the rows that head some of them.</summary>
    public static IReadOnlyList<JsonNode> Panels(JsonNode dashboard) =>
        [.. dashboard["panels"]!.AsArray().Where(panel => (string)panel!["type"]! != "row").Select(panel => panel!)];

    /// <summary>Every query of a dashboard's panels, variables and annotations, as PromQL with its variables in it.</summary>
    public static IEnumerable<(string Where, string Query)> Queries(JsonNode dashboard)
    {
        foreach (var panel in Panels(dashboard))
        {
            foreach (var target in panel["targets"]!.AsArray())
            {
                yield return ($"panel {panel["title"]}, {target!["refId"]}", (string)target["expr"]!);
            }
        }

        foreach (var variable in dashboard["templating"]!["list"]!.AsArray().Where(variable => (string)variable!["type"]! == "query"))
        {
            var labelValues = LabelValues().Match((string)variable!["query"]!["query"]!);
            yield return (
                $"variable {variable["name"]}",
                labelValues.Success ? $"count by ({labelValues.Groups[2].Value}) ({labelValues.Groups[1].Value})" : "no label_values");
        }

        foreach (var annotation in dashboard["annotations"]!["list"]!.AsArray())
        {
            yield return ($"annotation {annotation!["name"]}", (string)annotation["expr"]!);
        }
    }

    [GeneratedRegex(@"^label_values\((.*), (\w+)\)$")]
    private static partial Regex LabelValues();
}
