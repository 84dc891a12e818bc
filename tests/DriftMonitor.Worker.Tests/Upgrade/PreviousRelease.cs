using System.Formats.Tar;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Upgrade;

/// <summary>The program of the release before this one, built from the commit that <c>previous-release</c> names.</summary>
public sealed class PreviousRelease : IDisposable
{
    private static readonly string[] CommitFile = ["tests", "DriftMonitor.Worker.Tests", "Upgrade", "previous-release"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-previous-");
    private Task<string>? _program;

    /// <summary>The commit's full hash.</summary>
    public static string Commit { get; } = File.ReadAllText(Path.Combine([RepositoryFiles.Root, .. CommitFile])).Trim();

    /// <summary>What git says of this repository; a failure where there is no git.</summary>
    public static async Task<(int ExitCode, string Output)> GitAsync(params string[] arguments) =>
        Tool.Find("git") is null ? (-1, "git is not on the path") : await Tool.RunAsync("git", ["-C", RepositoryFiles.Root, .. arguments]);

    /// <summary>The program's assembly, built when it is first asked for.</summary>
    public Task<string> ProgramAsync() => _program ??= BuildAsync();

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<string> BuildAsync()
    {
        var (archive, source, program) = (
            Path.Combine(_directory.FullName, "source.tar"), _directory.CreateSubdirectory("source").FullName,
            Path.Combine(_directory.FullName, "program"));
        var (exitCode, output) = await GitAsync("archive", "--format=tar", $"--output={archive}", Commit);
        Assert.True(
            exitCode == 0,
            $"the previous release is built from commit {Commit}, which git does not find here: install git, fetch the whole history of a "
            + $"shallow clone (git fetch --unshallow), or correct {Path.Combine(CommitFile)}\n{output}");
        await TarFile.ExtractToDirectoryAsync(
            archive, source, overwriteFiles: false, TestContext.Current.CancellationToken);
        // As it was shipped. What newer analyzers and packages' audits say of it is no matter any more.
        (exitCode, output) = await Tool.DotnetAsync(
            "build", Path.Combine(source, "src", "DriftMonitor.Worker"), "-c", "Release", "-o", program, "--disable-build-servers",
            "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false");
        Assert.True(exitCode == 0, output);
        return Path.Combine(program, Path.GetFileName(typeof(MonitorApp).Assembly.Location));
    }
}
