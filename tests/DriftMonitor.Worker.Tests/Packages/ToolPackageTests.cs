using System.Runtime.InteropServices;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>The tool as who has only the SDK gets it: packed, installed from the package alone, and run.</summary>
/// <remarks>It compiles the program once more, ahead of time, which takes minutes: with <c>DRIFTMONITOR_TRIALS=full</c> only.</remarks>
public sealed class ToolPackageTests : IDisposable
{
    private const long MostPackedBytes = 60_000_000;
    private const long MostUnpackedBytes = 120_000_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-tool");

    [Fact]
    public async Task Tool_is_installed_from_its_package_and_runs_the_demo()
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full");
        var (packages, tools) = (Path.Combine(_directory.FullName, "packages"), Path.Combine(_directory.FullName, "tools"));
        var platform = RuntimeInformation.RuntimeIdentifier;
        var (exitCode, output) = await Tool.DotnetAsync(
            "pack", Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker"), "--configuration", "Release", "--output",
            packages, "--artifacts-path", Path.Combine(_directory.FullName, "artifacts"), "-p:RunAnalyzers=false",
            $"-p:ToolPackageRuntimeIdentifiers={platform}");
        Assert.True(exitCode == 0, output);
        var package = Assert.Single(Directory.GetFiles(packages, $"driftmonitor.{platform}.*.nupkg"));
        Assert.InRange(new FileInfo(package).Length, 10_000_000, MostPackedBytes);

        var sources = Path.Combine(_directory.FullName, "nuget.config");
        await File.WriteAllTextAsync(
            sources,
            $"<configuration><packageSources><clear/><add key=\"local\" value=\"{packages}\"/></packageSources></configuration>",
            TestContext.Current.CancellationToken);
        await RunAsync("dotnet", "tool", "install", "driftmonitor", "--prerelease", "--tool-path", tools, "--configfile", sources);

        var native = Directory.GetFiles(tools, "*.so", SearchOption.AllDirectories).Select(Path.GetFileName).Order();
        Assert.Equal(["centos8-librdkafka.so", "libHarfBuzzSharp.so", "libSkiaSharp.so", "librocksdb.so"], native);
        var licences = Directory.GetFiles(tools, "*.txt", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        Assert.All(
            (string[])["MIT.txt", "Apache-2.0.txt", "librdkafka.redist.txt", "HarfBuzzSharp.NativeAssets.Linux.txt"],
            licence => Assert.Contains(licence, licences));
        var unpacked = new DirectoryInfo(tools).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Extension != ".nupkg");
        Assert.InRange(unpacked.Sum(file => file.Length), 20_000_000, MostUnpackedBytes);

        var program = Path.Combine(tools, "driftmonitor");
        Assert.Contains("driftmonitor [command] [options]", await RunAsync(program, "--help"), StringComparison.Ordinal);
        var demo = await RunAsync(program, "demo", "--for", "15s", "--port", "0");
        Assert.Contains("kl_live_vs_reference=", demo, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await Tool.RunAsync(program, arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
