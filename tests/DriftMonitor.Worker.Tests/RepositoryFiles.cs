namespace DriftMonitor.Worker.Tests;

/// <summary>Finds the repository's own files, wherever the tests run from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Digits(string file) => Path.Combine(Root, "src", "DriftMonitor.Worker", "Commands", "Demo", "digits", file);

    public static string Example(string file) => Path.Combine(Root, "tests", "DriftMonitor.Worker.Tests", "Examples", file);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "DriftMonitor.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("DriftMonitor.sln is not above the tests");
    }
}
