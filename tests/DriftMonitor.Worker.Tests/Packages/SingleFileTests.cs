using System.Runtime.InteropServices;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>The program as one file that brings its runtime, run from an empty directory.</summary>
public sealed class SingleFileTests : IDisposable
{
    private const long MostBytes = 120_000_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-file-");

    [Fact]
    public async Task One_file_brings_the_runtime_and_runs_the_demo()
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full");
        var published = Path.Combine(_directory.FullName, "published");
        var (exitCode, output) = await Tool.DotnetAsync(
            "publish", Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker"), "-c", "Release", "-r",
            RuntimeInformation.RuntimeIdentifier, "--self-contained", "-p:PublishSingleFile=true", "-o", published, "--artifacts-path",
            Path.Combine(_directory.FullName, "artifacts"), "-p:RunAnalyzers=false");
        Assert.True(exitCode == 0, output);
        var files = new DirectoryInfo(published).GetFiles("*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, each => each.Extension == ".dll");
        Assert.Equal("librocksdb.so", Assert.Single(files, each => each.Extension == ".so").Name);
        Assert.InRange(files.Sum(each => each.Length), 20_000_000, MostBytes);
        var file = Path.Combine(published, "driftmonitor");

        (exitCode, output) = await RunAsync(file, "--version");
        Assert.True(exitCode == 0, output);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
        (exitCode, output) = await RunAsync(file, "config", "check");
        Assert.Equal((0, "The configuration is valid.\n"), (exitCode, output));
        (exitCode, output) = await RunAsync(file, "health", "--Urls=http://127.0.0.1:1");
        Assert.True(exitCode == 1, output);
        Assert.Contains("http://127.0.0.1:1/health/live: Connection refused", output, StringComparison.Ordinal);
        (exitCode, output) = await RunAsync(file, "demo", "--for", "10s", "--port", "0");
        Assert.True(exitCode == 0 && output.Contains("kl_live_vs_reference=", StringComparison.Ordinal), output);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>In an empty directory, without the SDK's variables, and unpacked into a directory of the test's.</summary>
    private Task<(int ExitCode, string Output)> RunAsync(string file, params string[] arguments) => Tool.RunAsync(
        "env",
        [
            "-i", $"--chdir={_directory.CreateSubdirectory("empty").FullName}",
            $"DOTNET_BUNDLE_EXTRACT_BASE_DIR={_directory.FullName}/unpacked", file, .. arguments,
        ]);
}
