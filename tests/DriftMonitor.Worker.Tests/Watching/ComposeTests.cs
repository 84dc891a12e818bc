using System.Reflection;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>docker-compose.yml, as far as it goes without a registry of images.</summary>
public sealed partial class ComposeTests(DefaultBroker broker) : IClassFixture<DefaultBroker>, IDisposable
{
    private static readonly string File = Path.Combine(RepositoryFiles.Root, "docker-compose.yml");
    private static readonly string Text = System.IO.File.ReadAllText(File);

    private static readonly string Configuration = typeof(ComposeTests).Assembly
        .GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-publish-");

    [Fact]
    public async Task Compose_takes_the_file()
    {
        Tool.Need("docker-compose");
        var (exitCode, output) = await Tool.RunAsync("docker-compose", "--file", File, "config", "--quiet");
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void What_is_mounted_is_there()
    {
        var mounted = Mount().Matches(Text).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(4, mounted.Length);
        Assert.All(mounted, path => Assert.True(Directory.Exists(Path.Combine(RepositoryFiles.Root, path)), path));
        Assert.Contains(AlertRules.Directory, mounted.Select(path => Path.GetFullPath(Path.Combine(RepositoryFiles.Root, path))));
        Assert.Contains(Dashboards.Directory, mounted.Select(path => Path.GetFullPath(Path.Combine(RepositoryFiles.Root, path))));
        Assert.Contains(
            Path.GetDirectoryName(AlertmanagerFile.Path),
            mounted.Select(path => Path.GetFullPath(Path.Combine(RepositoryFiles.Root, path))));
    }

    [Fact]
    public void Every_image_is_pinned() => Assert.All(
        Image().Matches(Text).Select(match => match.Groups[1].Value).Where(image => image != "driftmonitor:local"),
        image => Assert.Matches(@":v?\d+\.\d+\.\d+$", image));

    /// <summary>What the services of compose run in the image, run by what the build before the tests has compiled.</summary>
    [Fact]
    public async Task The_published_program_does_what_compose_asks_of_it()
    {
        var app = Path.Combine(_directory.FullName, "app");
        var (exitCode, output) = await Tool.RunAsync(
            "dotnet", "publish", Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker"), "--configuration", Configuration,
            "--output", app, "--no-build");
        Assert.True(exitCode == 0, output);

        var program = Path.Combine(app, "DriftMonitor.Worker.dll");
        var references = Path.Combine(_directory.FullName, "references");
        var built = await Tool.RunAsync(
            "dotnet", program, "reference", "build", "--predictions", Path.Combine(app, "Demo", "digits", "reference.jsonl"), "--feedback",
            Path.Combine(app, "Demo", "digits", "reference-feedback.jsonl"), "--output",
            references, "--force");
        Assert.True(built.ExitCode == 0, built.Output);
        Assert.Single(Directory.GetFiles(references, "*.json"));

        await broker.CreateAsync("predictions", 2);
        var played = await Tool.RunAsync("dotnet", program, "demo", "--to", broker.BootstrapServers, "--for", "2s");
        Assert.True(played.ExitCode == 0, played.Output);
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(
            new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "count" }).Build();
        var records = Enumerable.Range(0, 2).Sum(
            partition => consumer.QueryWatermarkOffsets(new TopicPartition("predictions", partition), TimeSpan.FromSeconds(30)).High.Value);
        Assert.True(records > 0, "the demo produced nothing");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [GeneratedRegex(@"^ +- \./([^:]+):", RegexOptions.Multiline)]
    private static partial Regex Mount();

    [GeneratedRegex(@"image: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Image();
}
