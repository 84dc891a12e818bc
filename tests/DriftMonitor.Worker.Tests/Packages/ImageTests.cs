using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>What the image says, what is in it, and that this runs where nothing may be written.</summary>
[Collection(nameof(PublishedImage))]
public sealed class ImageTests(PublishedImage image)
{
    private const long MostBytes = 120_000_000;

    private static readonly string[] Topics =
    [
        "predictions", "driftmonitor.panes", "driftmonitor.panes.rollups", "driftmonitor.panes.status", "driftmonitor.panes.calibrations",
        "driftmonitor.panes.references",
    ];

    /// <summary>
    /// What a container's engine does: a root of its own that is read-only, with <c>/tmp</c> in memory, and the image's user.
    /// </summary>
    private const string Contain =
        """
        mount --bind "$ROOT" "$ROOT" && mount -o remount,bind,ro "$ROOT" && mount --rbind /dev "$ROOT/dev" &&
        mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp" && mount -t proc proc "$ROOT/proc" &&
        exec env -i "$@"
        """;

    [Fact]
    public void It_says_who_runs_what_where()
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full");
        var configuration = image.Configuration;
        Assert.Equal(BaseImage.User, configuration.GetProperty("User").GetString());
        Assert.Equal("/app/", configuration.GetProperty("WorkingDir").GetString());
        Assert.Equal(["/app/driftmonitor"], Texts(configuration.GetProperty("Entrypoint")));
        Assert.Equal(["run"], Texts(configuration.GetProperty("Cmd")));
        Assert.Equal(["9464/tcp"], configuration.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name));
        var variables = Texts(configuration.GetProperty("Env")).ToDictionary(text => text.Split('=')[0], text => text.Split('=', 2)[1]);
        Assert.Equal("/app/references", variables["References__Directory"]);
        Assert.StartsWith("/app:", variables["PATH"], StringComparison.Ordinal);
        var labels = configuration.GetProperty("Labels");
        Assert.Equal("DriftMonitor", labels.GetProperty("org.opencontainers.image.title").GetString());
        Assert.Equal("MIT", labels.GetProperty("org.opencontainers.image.licenses").GetString());
        Assert.NotEmpty(labels.GetProperty("org.opencontainers.image.version").GetString()!);
    }

    [Fact]
    public void It_adds_the_program_and_one_variant_of_each_native_library()
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full");
        var added = image.Added();
        Assert.InRange(added.Sum(entry => entry.Bytes), 20_000_000, MostBytes);
        Assert.All(added, entry => Assert.Matches("^app(/|$)", entry.Path));
        Assert.DoesNotContain(added, entry => entry.Path.EndsWith(".xml", StringComparison.Ordinal));
        Assert.Equal(
            ["centos8-librdkafka.so", "librocksdb.so"],
            added.Select(entry => Path.GetFileName(entry.Path))
                .Where(name => Path.GetExtension(name) is ".so" or ".dylib" or ".exe")
                .Order(StringComparer.Ordinal));
        var references = Assert.Single(added, entry => entry.Path.StartsWith("app/references", StringComparison.Ordinal));
        Assert.Equal((TarEntryType.Directory, BaseImage.User), (references.Type, $"{references.Owner}"));
    }

    [Fact]
    public async Task Its_content_runs_as_its_user_on_a_read_only_root_and_is_healthy()
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full");
        Tool.Need("unshare", "mount");
        using var broker = EmbeddedBroker.Start();
        Array.ForEach(Topics, topic => broker.CreateTopic(topic, 2));
        string[] settings =
        [
            $"Urls=http://0.0.0.0:{FreePort()}", $"Kafka__BootstrapServers={broker.BootstrapServers}", "Logging__LogLevel__Default=None",
        ];
        var (exitCode, output) = await RunAsync(settings, "health");
        Assert.True(exitCode == 1 && output.Contains("Connection refused", StringComparison.Ordinal), output);

        using var service = Process.Start(Contained(settings, [.. Texts(image.Configuration.GetProperty("Cmd"))]))!;
        try
        {
            await Patience.UntilAsync(
                "the service is healthy",
                async () =>
                {
                    (exitCode, output) = await RunAsync(settings, "health");
                    return exitCode == 0 || (service.HasExited ? throw new InvalidOperationException(output) : false);
                },
                () => output);
        }
        finally
        {
            service.Kill(entireProcessTree: true);
        }

        Assert.Contains("/health/live: 200 ", output, StringComparison.Ordinal);
        (exitCode, output) = await BuildAsync("references");
        Assert.True(exitCode == 1 && output.Contains("Read-only file system", StringComparison.Ordinal), output);
        (exitCode, output) = await BuildAsync("/tmp");
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await RunAsync(
            [], "backtest", "--predictions", "Demo/digits/reference.jsonl", "--reference", "Demo/digits/reference.jsonl", "--svg",
            "/tmp/a");
        Assert.Equal(1, exitCode);
        Assert.Contains("--svg: the library that draws is not here; the tool", output, StringComparison.Ordinal);

        Task<(int ExitCode, string Output)> BuildAsync(string directory) =>
            RunAsync([], "reference", "build", "--predictions", "Demo/digits/reference.jsonl", "--output", directory);
    }

    private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(item => item.GetString()!);

    private Task<(int ExitCode, string Output)> RunAsync(string[] settings, params string[] arguments)
    {
        var start = Contained(settings, arguments);
        return Tool.RunAsync(start.FileName, [.. start.ArgumentList]);
    }

    private ProcessStartInfo Contained(string[] settings, string[] arguments) => new(
        "unshare",
        [
            "--mount", "--pid", "--fork", "--kill-child", "env", $"ROOT={image.Root}", "sh", "-c", Contain, "sh",
            .. Texts(image.Configuration.GetProperty("Env")), .. settings,
            "unshare", $"--root={image.Root}", $"--wd={image.Configuration.GetProperty("WorkingDir").GetString()}",
            "--setgid", BaseImage.User, "--setuid", BaseImage.User,
            .. Texts(image.Configuration.GetProperty("Entrypoint")), .. arguments,
        ]);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
