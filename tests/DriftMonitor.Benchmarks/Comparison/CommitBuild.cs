using System.Diagnostics;

namespace DriftMonitor.Benchmarks.Comparison;

/// <summary>A commit in a worktree of its own, built in Release, whose benchmark program can be run.</summary>
/// <remarks>Disposing it removes the worktree.</remarks>
internal sealed class CommitBuild : IDisposable
{
    private const string Project = "tests/DriftMonitor.Benchmarks";

    /// <summary>How it is measured must not differ between the commits, so these come from the working tree.</summary>
    private static readonly string[] Instruments = [$"{nameof(OneCore)}.cs", $"{nameof(CpuClock)}.cs"];

    private readonly string _repository;
    private readonly string _worktree;
    private readonly string _program;

    /// <param name="commit">Any name of it.</param>
    /// <param name="change">Changes its files before they are built; given the worktree.</param>
    public CommitBuild(string commit, Action<string>? change = null)
    {
        _repository = Lines("git", ["rev-parse", "--show-toplevel"]).Single();
        Commit = Lines("git", ["rev-parse", "--short", "--verify", commit + "^{commit}"]).Single();
        _worktree = Path.Combine(Path.GetTempPath(), $"driftmonitor-{Commit}-{Path.GetRandomFileName()}");
        Finish(Lines("git", ["worktree", "add", "--detach", _worktree, Commit]));
        try
        {
            foreach (var file in Instruments)
            {
                File.Copy(Path.Combine(_repository, Project, file), Path.Combine(_worktree, Project, file), overwrite: true);
            }

            change?.Invoke(_worktree);
            ReduceModels(Path.Combine(_worktree, Project, $"{nameof(SlideAndEvaluate)}.cs"));
            Finish(Lines("dotnet", ["build", "-c", "Release", "-p:RunAnalyzers=false", Path.Combine(_worktree, Project)]));
            var output = Path.Combine(_worktree, Project, "bin", "Release");
            _program = Directory.EnumerateFiles(output, "DriftMonitor.Benchmarks.dll", SearchOption.AllDirectories).Single();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its short hash.</summary>
    public string Commit { get; }

    public void Dispose() => Finish(Lines("git", ["-C", _repository, "worktree", "remove", "--force", _worktree]));

    /// <summary>Runs its benchmark program in a new process and returns the lines that it writes.</summary>
    /// <remarks>The process is killed when its lines are not read to the end.</remarks>
    public IEnumerable<string> Run(params string[] arguments) => Lines("dotnet", [_program, .. arguments]);

    /// <summary>A thousand models are too large for a cache as well; ten thousand take minutes to fill.</summary>
    private static void ReduceModels(string source)
    {
        var (text, count) = (File.ReadAllText(source), "Count = 10_000;");
        File.WriteAllText(source, text.Contains(count, StringComparison.Ordinal)
            ? text.Replace(count, "Count = 1_000;", StringComparison.Ordinal)
            : throw new InvalidOperationException($"{source} has no \"{count}\""));
    }

    private static IEnumerable<string> Lines(string file, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true };
        start.Environment[OneCore.Comparison] = "1";
        using var process = Process.Start(start)!;
        var last = "";
        try
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                yield return last = line;
            }

            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {last}");
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true); // does nothing to a process that has ended
            process.WaitForExit();
        }
    }

    private static void Finish(IEnumerable<string> lines) => _ = lines.Count();
}
