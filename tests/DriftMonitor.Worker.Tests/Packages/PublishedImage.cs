using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>
/// The image, published as the documents say, but on a base of the tests' own and into an archive. With <c>--full</c> only.
/// </summary>
[CollectionDefinition(nameof(PublishedImage))]
public sealed class PublishedImage : IAsyncLifetime, ICollectionFixture<PublishedImage>
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-image-");

    private JsonElement _manifest;

    /// <summary>What <c>docker load</c> takes.</summary>
    public string Archive => Path.Combine(_directory.FullName, "image.tar");

    /// <summary>The image's own configuration: its user, its entry point, its variables.</summary>
    public JsonElement Configuration { get; private set; }

    /// <summary>All layers over each other, owned as they are in the image.</summary>
    public string Root => Path.Combine(_directory.FullName, "root");

    public async ValueTask InitializeAsync()
    {
        if (!Trials.AreFull)
        {
            return;
        }

        await using var registry = await ImageRegistry.StartAsync(BaseImage.Create());
        var (exitCode, output) = await Tool.DotnetAsync(
            "publish", Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker"), "-c", "Release", "-r",
            RuntimeInformation.RuntimeIdentifier, "-t:PublishContainer", "-p:ContainerImageTag=local",
            $"-p:ContainerBaseImage={registry.Address}/dotnet/aspnet:10.0-noble-chiseled", $"-p:ContainerArchiveOutputPath={Archive}",
            "--artifacts-path", Path.Combine(_directory.FullName, "artifacts"), "-p:RunAnalyzers=false");
        Assert.True(exitCode == 0, output);

        var files = Path.Combine(_directory.FullName, "files");
        Directory.CreateDirectory(files);
        await TarFile.ExtractToDirectoryAsync(Archive, files, overwriteFiles: false);
        _manifest = Json(Path.Combine(files, "manifest.json"))[0];
        Configuration = Json(Path.Combine(files, _manifest.GetProperty("Config").GetString()!)).GetProperty("config");
        Directory.CreateDirectory(Root);
        foreach (var layer in Layers())
        {
            (exitCode, output) = await Tool.RunAsync(
                "tar", "--extract", "--gzip", "--numeric-owner", "--file", layer, "--directory", Root);
            Assert.True(exitCode == 0, output);
        }
    }

    /// <summary>What is in the layer that the program has added to its base.</summary>
    internal List<(string Path, TarEntryType Type, int Owner, long Bytes)> Added()
    {
        using var packed = File.OpenRead(Layers().Last());
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        var entries = new List<(string, TarEntryType, int, long)>();
        while (tar.GetNextEntry(copyData: false) is { } entry)
        {
            entries.Add((entry.Name.TrimEnd('/'), entry.EntryType, entry.Uid, entry.Length));
        }

        return entries;
    }

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private IEnumerable<string> Layers() => _manifest.GetProperty("Layers").EnumerateArray()
        .Select(layer => Path.Combine(_directory.FullName, "files", layer.GetString()!));

    private static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
}
