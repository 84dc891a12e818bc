using System.Text.RegularExpressions;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>
/// Images under the names of docker-compose.yml, for those that cannot be had without a registry: what debootstrap installs of the
/// machine's own Debian. Kafka is the embedded broker there (<c>kafka.py</c>), Prometheus and Alertmanager are Debian's.
/// </summary>
internal static partial class StandIns
{
    private const string Packages = "python3,prometheus,prometheus-alertmanager";

    /// <summary>Makes the images in an engine. Skips the test where the packages cannot be had.</summary>
    /// <param name="engine">Where they are wanted.</param>
    /// <param name="compose">The text of docker-compose.yml.</param>
    /// <param name="librdkafka">The library that has the embedded broker.</param>
    public static async Task MakeAsync(DockerEngine engine, string compose, string librdkafka)
    {
        var root = Path.Combine(engine.Directory, "debian");
        await InstallAsync(root);
        var tools = Directory.CreateDirectory(Path.Combine(root, "opt", "kafka", "bin")).FullName;
        File.Copy(librdkafka, Path.Combine(tools, Path.GetFileName(librdkafka)));
        var script = Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Packages", "kafka.py");
        foreach (var program in new[] { "kafka.py", "kafka-topics.sh", "kafka-broker-api-versions.sh" })
        {
            File.Copy(script, Path.Combine(tools, program));
        }

        var archive = root + ".tar";
        var (exitCode, output) = await Tool.RunAsync(
            "tar", "--create", "--file", archive, "--directory", root, "--exclude=./var/cache/apt", "--exclude=./usr/share/javascript",
            ".");
        Assert.True(exitCode == 0, output);

        const string container = "debian";
        var kafka = NameOf("apache/kafka");
        await engine.RunAsync("docker", "import", "--change", """CMD ["/opt/kafka/bin/kafka.py"]""", archive, kafka);
        await engine.RunAsync("docker", "create", "--name", container, kafka);
        foreach (var (image, program) in new[] { ("prom/prometheus", "prometheus"), ("prom/alertmanager", "prometheus-alertmanager") })
        {
            await engine.RunAsync("docker", "commit", "--change", $"""ENTRYPOINT ["{program}"]""", container, NameOf(image));
        }

        await engine.RunAsync("docker", "rm", container);
        Directory.Delete(root, recursive: true);
        File.Delete(archive);

        string NameOf(string image) => Regex.Match(compose, $@"image: ({image}:\S+)").Groups[1].Value;
    }

    private static async Task InstallAsync(string root)
    {
        Assert.SkipWhen(Tool.Find("debootstrap") is null, "Docker's images cannot be made: debootstrap is not on the path");
        var (exitCode, output) = await Tool.RunAsync(
            "apt-get", "indextargets", "--format", "$(RELEASE) $(SITE)", "Created-By: Packages", "Component: main");
        var mirror = FirstRelease().Match(output);
        Assert.SkipUnless(exitCode == 0 && mirror.Success, $"Docker's images cannot be made: apt knows no mirror\n{output}");
        (exitCode, output) = await Tool.RunAsync(
            "unshare", "--mount", "--propagation", "private", "debootstrap", "--variant=minbase", $"--include={Packages}",
            mirror.Groups[1].Value, root, mirror.Groups[2].Value);
        Assert.SkipWhen(
            exitCode != 0 && Unreachable().IsMatch(output), $"Docker's images cannot be made: the mirror cannot be reached\n{output}");
        Assert.True(exitCode == 0, output);
    }

    /// <summary>The release itself: neither its updates nor its backports.</summary>
    [GeneratedRegex(@"^(\w+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex FirstRelease();

    [GeneratedRegex("Failed getting release file|Couldn't download|Couldn't retrieve")]
    private static partial Regex Unreachable();
}
