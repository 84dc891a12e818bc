using System.Diagnostics;
using DriftMonitor.Panes;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Commands.Run;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>The program with an expression of the library's source replaced by another: what the proof must not let pass.</summary>
/// <remarks>
/// The library is built from a copy of its source, once for all mutants: an environment variable names the one that is in force. The rest
/// of the program is that beside the tests.
/// </remarks>
public sealed class MutatedProgram : IAsyncLifetime
{
    private const string Library = "DriftMonitor";
    private const string Variable = "DRIFTMONITOR_MUTANT";

    /// <summary>
    /// A half of the promise each: its name, the source file, what stands in it exactly once, and what is put in its place.
    /// </summary>
    private static readonly (string Mutant, string File, string Expression, string Mutation)[] Mutations =
    [
        (
            HighestOffsetWins, Path.Combine("Windows", "RegisterVersions.cs"),
            "register.FirstOffset < other.FirstOffset || (register.FirstOffset == other.FirstOffset && register.LastOffset > "
            + "other.LastOffset)",
            "register.LastOffset >= other.LastOffset"),
        (
            CommitsReadPosition, Path.Combine("Lanes", "SourceLane.cs"), "safeOffset < 0 ? null : safeOffset",
            "_nextOffset < 0 ? null : _nextOffset"),
    ];

    private static readonly string[] BuildFiles = [
        "Directory.Build.props", "Directory.Packages.props", "global.json", ".banned-symbols.txt"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-mutation-");

    /// <summary>The merge rule takes the register that ends later.</summary>
    public const string HighestOffsetWins = nameof(HighestOffsetWins);

    /// <summary>A lane commits where it has read to, not its safe offset.</summary>
    public const string CommitsReadPosition = nameof(CommitsReadPosition);

    /// <summary>The program's assembly.</summary>
    public string Assembly => Path.Combine(_directory.FullName, "program", Path.GetFileName(typeof(MonitorApp).Assembly.Location));

    /// <summary>Puts a mutant in force, in this process and those that it starts from now on; null for none.</summary>
    public static void Choose(string? mutant) => Environment.SetEnvironmentVariable(Variable, mutant);

    public async ValueTask InitializeAsync()
    {
        if (!Trials.AreFull)
        {
            return; // nobody will use it
        }

        var project = CopySource();
        foreach (var (mutant, file, expression, mutation) in Mutations)
        {
            Mutate(mutant, Path.Combine(project, file), expression, mutation);
        }

        var library = Path.Combine(_directory.FullName, "library");
        await BuildAsync(project, library);
        CopyProgram(library);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void Mutate(string mutant, string file, string expression, string mutation)
    {
        var source = File.ReadAllText(file);
        var places = source.Split(expression).Length - 1;
        Assert.True(places == 1, $"'{expression}' stands {places} times in {file}: the mutation must be brought up to date");
        var either = $"System.Environment.GetEnvironmentVariable(\"{Variable}\") == \"{mutant}\" ? ({mutation}) : ({expression})";
        File.WriteAllText(file, source.Replace(expression, either, StringComparison.Ordinal));
    }

    private static async Task BuildAsync(string project, string output)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        // Warnings are no errors here: a mutation may leave something unused.
        foreach (var argument
            in (string[])[
                "build", project, "-o", output, "--disable-build-servers", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false",
                $"-p:AssemblyVersion={typeof(LanePlan).Assembly.GetName().Version}"]) // what the program refers to
        {
            start.ArgumentList.Add(argument);
        }

        using var build = Process.Start(start)!;
        try
        {
            var said = build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = build.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await build.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(build.ExitCode == 0, $"{await said}{await error}");
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }
    }

    private string CopySource()
    {
        var root = _directory.CreateSubdirectory("source");
        foreach (var file in BuildFiles)
        {
            File.Copy(Path.Combine(RepositoryFiles.Root, file), Path.Combine(root.FullName, file));
        }

        var from = Path.Combine(RepositoryFiles.Root, "src", Library);
        var project = root.CreateSubdirectory(Path.Combine("src", Library)).FullName;
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (relative.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(project, relative))!);
                File.Copy(file, Path.Combine(project, relative));
            }
        }

        return project;
    }

    private void CopyProgram(string library)
    {
        var program = _directory.CreateSubdirectory("program").FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        }

        File.Copy(Path.Combine(library, $"{Library}.dll"), Path.Combine(program, $"{Library}.dll"), overwrite: true);
        // the native libraries, 100 MB
        Directory.CreateSymbolicLink(Path.Combine(program, "runtimes"), Path.Combine(AppContext.BaseDirectory, "runtimes"));
    }
}
