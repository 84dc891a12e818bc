using System.Diagnostics;
using DriftMonitor.Worker.Commands.Run;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>The program with one expression of the library's source replaced by another: what the proof must not let pass.</summary>
/// <remarks>The library is built from a copy of its source; the rest of the program is that beside the tests.</remarks>
internal sealed class MutatedProgram : IDisposable
{
    private const string Library = "DriftMonitor";
    private static readonly string[] BuildFiles = [
        "Directory.Build.props", "Directory.Packages.props", "global.json", ".banned-symbols.txt"];

    private readonly DirectoryInfo _directory;

    private MutatedProgram(DirectoryInfo directory) => _directory = directory;

    /// <summary>The program's assembly.</summary>
    public string Assembly => Path.Combine(_directory.FullName, "program", Path.GetFileName(typeof(MonitorApp).Assembly.Location));

    /// <param name="file">The source file, relative to the library.</param>
    /// <param name="expression">What stands in it exactly once.</param>
    /// <param name="mutation">What is put in its place.</param>
    public static async Task<MutatedProgram> BuildAsync(string file, string expression, string mutation)
    {
        var mutated = new MutatedProgram(Directory.CreateTempSubdirectory("driftmonitor-mutation-"));
        try
        {
            var project = mutated.CopySource();
            Mutate(Path.Combine(project, file), expression, mutation);
            var library = Path.Combine(mutated._directory.FullName, "library");
            await BuildAsync(project, library);
            mutated.CopyProgram(library);
            return mutated;
        }
        catch
        {
            mutated.Dispose();
            throw;
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static void Mutate(string file, string expression, string mutation)
    {
        var source = File.ReadAllText(file);
        var places = source.Split(expression).Length - 1;
        Assert.True(places == 1, $"'{expression}' stands {places} times in {file}: the mutation must be brought up to date");
        File.WriteAllText(file, source.Replace(expression, mutation, StringComparison.Ordinal));
    }

    private static async Task BuildAsync(string project, string output)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        // Warnings are no errors here: a mutation may leave something unused.
        foreach (var argument
            in (string[])[
                "build", project, "-o", output, "--disable-build-servers", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false"])
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
