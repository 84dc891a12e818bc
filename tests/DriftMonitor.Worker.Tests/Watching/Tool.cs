using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>A program of the machine's own, run to its end.</summary>
internal static partial class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(20); // to compile ahead of time takes minutes on two busy cores

    /// <summary>Where the program is, null when it is not on the path.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Skips the test when a program that it needs is not on the path.</summary>
    public static void Need(params string[] names) =>
        Assert.SkipWhen(
            names.Any(name => Find(name) is null), $"{string.Join(", ", names.Where(name => Find(name) is null))}: not on the path");

    /// <summary>What npm has written. Skips the test where its registry cannot be reached, and fails it where npm does.</summary>
    public static async Task<string> NpmAsync(params string[] arguments)
    {
        Need("npm");
        var (exitCode, output) = await RunAsync("npm", arguments);
        var isUnreachable = exitCode != 0 && Unreachable().IsMatch(output);
        Assert.SkipWhen(isUnreachable, $"npm's registry cannot be reached: {output.ReplaceLineEndings(" ")}");
        Assert.True(exitCode == 0, output);
        return output;
    }

    [GeneratedRegex("ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH")]
    private static partial Regex Unreachable();

    /// <summary>Runs the SDK: what it builds may take longer than other programs.</summary>
    public static Task<(int ExitCode, string Output)> DotnetAsync(params string[] arguments) =>
        RunAsync("dotnet", arguments, BuildPatience);

    /// <summary>The exit code, and everything that it has written.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(string name, params string[] arguments) =>
        RunAsync(name, arguments, Patience);

    private static async Task<(int ExitCode, string Output)> RunAsync(string name, string[] arguments, TimeSpan limit)
    {
        var start = new ProcessStartInfo(name) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(limit);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output + await error);
    }
}
