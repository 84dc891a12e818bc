using System.Diagnostics;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>Docker's engine, started for one test and stopped with it.</summary>
/// <remarks>
/// It has its mounts, networks, ports and firewall in namespaces of its own, which end with it: nothing of it is seen on the machine, and
/// two engines may publish the same port.
/// </remarks>
internal sealed class DockerEngine : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("driftmonitor-docker-");
    private readonly Process _engine;
    private Task<string> _log = Task.FromResult("");

    private DockerEngine()
    {
        var files = _directory.FullName;
        _engine = Process.Start(new ProcessStartInfo(
            "unshare",
            [
                "--mount", "--net", "--propagation", "private", "sh", "-c", "ip link set lo up && exec dockerd \"$@\"", "sh",
                $"--data-root={files}/data", $"--exec-root={files}/exec", $"--pidfile={files}/pid", $"--host={Host}", "--bridge=none",
            ])
        {
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Where a test may put files for it.</summary>
    public string Directory => _directory.FullName;

    private string Host => $"unix://{_directory.FullName}/sock";

    /// <summary>Starts the engine. Skips the test where that is impossible.</summary>
    public static async Task<DockerEngine> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start Docker's engine");
        foreach (var program in new[] { "unshare", "ip", "iptables", "dockerd", "docker", "docker-compose", "nsenter", "curl" })
        {
            Assert.SkipWhen(Tool.Find(program) is null, $"Docker's engine cannot be used: {program} is not on the path");
        }

        var engine = new DockerEngine();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        string? line, last = null;
        while ((line = await engine._engine.StandardError.ReadLineAsync(patience.Token)) is not null
            && !line.Contains("API listen on", StringComparison.Ordinal))
        {
            last = line;
        }

        engine._log = engine._engine.StandardError.ReadToEndAsync(CancellationToken.None); // else it would wait for a reader
        if (line is null)
        {
            await engine.DisposeAsync();
            Assert.Skip($"Docker's engine cannot be started here: {last}");
        }

        return engine;
    }

    /// <summary>What a client of the engine has written, <c>docker</c> or <c>docker-compose</c>.</summary>
    public async Task<string> RunAsync(string client, params string[] arguments)
    {
        var (exitCode, output) = await Tool.RunAsync("env", [$"DOCKER_HOST={Host}", client, .. arguments]);
        Assert.True(exitCode == 0, output);
        return output;
    }

    /// <summary>What is answered on a published port.</summary>
    public async Task<string> GetAsync(string url)
    {
        var (exitCode, output) = await Tool.RunAsync(
            "nsenter", FormattableString.Invariant($"--net=/proc/{_engine.Id}/ns/net"), "curl", "--silent", "--show-error", "--fail", url);
        Assert.True(exitCode == 0, $"{url}: {output}");
        return output;
    }

    /// <summary>Stops the containers and the engine.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_engine.HasExited)
        {
            await Tool.RunAsync("kill", FormattableString.Invariant($"{_engine.Id}"));
            await _engine.WaitForExitAsync(CancellationToken.None);
        }

        await _log;
        _engine.Dispose();
        _directory.Delete(recursive: true);
    }
}
