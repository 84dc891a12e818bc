using System.Text.Json.Nodes;
using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>A shipped Grafana dashboard.</summary>
internal sealed class Dashboard(JsonNode json)
{
    private static readonly string Directory = Path.Combine(RepositoryFiles.Root, "dashboards", "grafana");

    /// <summary>The names of all.</summary>
    public static string[] Names { get; } =
        [.. System.IO.Directory.GetFiles(Directory, "*.json").Select(file => Path.GetFileNameWithoutExtension(file))];

    public JsonNode Json { get; } = json;

    public string Title => (string)Json["title"]!;

    /// <summary>Every panel that asks something, those of collapsed rows too.</summary>
    public IEnumerable<JsonNode> Panels => Json["panels"]!.AsArray()
        .SelectMany(panel => panel!["panels"]?.AsArray().Prepend(panel) ?? [panel])
        .Where(panel => panel!["targets"] is not null)
        .Select(panel => panel!);

    public IEnumerable<JsonNode> Annotations => Json["annotations"]!["list"]!.AsArray().Select(annotation => annotation!);

    /// <summary>The variables whose values Prometheus knows, in the order in which they need each other.</summary>
    public IEnumerable<JsonNode> Variables => Json["templating"]!["list"]!.AsArray()
        .Where(variable => (string)variable!["type"]! == "query")
        .Select(variable => variable!);

    public static Dashboard Read(string name) => new(JsonNode.Parse(File.ReadAllText(Path.Combine(Directory, $"{name}.json")))!);
}
