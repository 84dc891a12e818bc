using System.Text.Json;
using System.Xml.Linq;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>Whose code is shipped, and under which licence: the page beside the texts says what the packages say.</summary>
/// <remarks><c>DRIFTMONITOR_WRITE_LICENCES=1</c> writes the page's table anew.</remarks>
public sealed class LicencesTests
{
    private const string Begin = "| package | version | licence | whose |\n|---|---|---|---|\n";

    private static readonly string Directory = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Licenses");

    private static readonly string[] OtherPlatforms = ["win", "osx", "browser", "android", "ios", "maccatalyst", "tizen"];

    /// <summary>Packages that name an address or a file, and what these hold.</summary>
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["Apache.Avro"] = "Apache-2.0",
        ["K4os.Compression.LZ4"] = "MIT",
        ["librdkafka.redist"] = "BSD-2-Clause",
    };

    [Fact]
    public async Task Page_has_every_package_that_is_shipped()
    {
        var file = Path.Combine(Directory, "README.md");
        var page = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var at = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf("\n\n", at, StringComparison.Ordinal) + 1;
        var table = string.Concat(
            Shipped().Select(package => $"| {package.Name} | {package.Version} | {package.Licence} | {package.Whose} |\n"));
        if (Environment.GetEnvironmentVariable("DRIFTMONITOR_WRITE_LICENCES") == "1")
        {
            await File.WriteAllTextAsync(file, page[..at] + table + page[end..], TestContext.Current.CancellationToken);
        }

        Assert.Equal(table, page[at..end]);
    }

    [Fact]
    public void Each_licence_has_its_text() => Assert.All(
        Shipped().Select(package => package.Licence).Distinct(),
        licence => Assert.True(File.Exists(Path.Combine(Directory, $"{licence}.txt")), licence));

    private static List<(string Name, string Version, string Licence, string Whose)> Shipped()
    {
        using var shipped = Json(Path.Combine(AppContext.BaseDirectory, "DriftMonitor.Worker.deps.json"));
        using var restored = Json(Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "obj", "project.assets.json"));
        string[] folders = [.. restored.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
        var packages = new List<(string, string, string, string)>();
        foreach (var package in shipped.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject())
        {
            var library = shipped.RootElement.GetProperty("libraries").GetProperty(package.Name);
            if (library.GetProperty("type").GetString() != "package" || !IsForLinux(package.Value))
            {
                continue;
            }

            var directory = folders.Select(folder => Path.Combine(folder, library.GetProperty("path").GetString()!)).First(Path.Exists);
            var facts = XDocument.Load(System.IO.Directory.GetFiles(directory, "*.nuspec").Single()).Descendants()
                .Where(element => element.Name.LocalName is "license" or "copyright" or "authors")
                .ToDictionary(element => element.Name.LocalName);
            var parts = package.Name.Split('/');
            var licence = facts.TryGetValue("license", out var given) && given.Attribute("type")?.Value == "expression"
                ? given.Value
                : Known[parts[0]];
            var whose = facts.GetValueOrDefault("copyright")?.Value is { Length: > 0 } copyright ? copyright : facts["authors"].Value;
            packages.Add((parts[0], parts[1], licence, whose.Trim()));
        }

        return packages;
    }

    private static bool IsForLinux(JsonElement package) =>
        package.TryGetProperty("runtime", out _)
        || (package.TryGetProperty("runtimeTargets", out var natives) && natives.EnumerateObject().Any(
            native => !Array.Exists(OtherPlatforms, other => native.Name.StartsWith($"runtimes/{other}", StringComparison.Ordinal))));

    private static JsonDocument Json(string file) => JsonDocument.Parse(File.ReadAllBytes(file));
}
