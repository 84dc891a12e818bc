using System.Diagnostics;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>Docker's engine, started for one test and stopped with it.</summary>
/// <remarks>It sets up no network, and mounts in a namespace of its own.</remarks>
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
                "--mount", "--propagation", "private", "dockerd", $"--data-root={files}/data", $"--exec-root={files}/exec",
                $"--pidfile={files}/pid", $"--host={Host}", "--iptables=false", "--ip6tables=false", "--ip-forward=false",
                "--ip-masq=false", "--bridge=none",
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
        foreach (var program in new[] { "unshare", "dockerd", "docker", "docker-compose" })
        {
            Assert.SkipWhen(Tool.Find(program) is null, $"Docker's engine cannot be used: {program} is not on the path");
        }

        var engine = new DockerEngine();
        var listens = false;
        var log = await ReadUntilAsync(
            engine._engine.StandardError, line => listens = line.Contains("API listen on", StringComparison.Ordinal));
        engine._log = engine._engine.StandardError.ReadToEndAsync(CancellationToken.None); // else it would wait for a reader
        if (!listens)
        {
            await engine.DisposeAsync();
            Assert.Skip($"Docker's engine cannot be started here: {(log.Count > 0 ? log[^1] : "")}");
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

    /// <summary>Waits until as many containers have become healthy. Tells what has become of each health check that changed.</summary>
    public async Task<IReadOnlyList<string>> HealthAsync(int containers)
    {
        using var events = Process.Start(new ProcessStartInfo(
            "docker",
            [
                "--host", Host, "events", "--since", "0", "--filter", "event=health_status", "--format",
                "{{.Actor.Attributes.name}} {{.Action}}",
            ])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            return await ReadUntilAsync(events.StandardOutput, _ => --containers == 0);
        }
        finally
        {
            events.Kill();
        }
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

    /// <summary>The lines up to the first that is the last one wanted, or to the end.</summary>
    private static async Task<IReadOnlyList<string>> ReadUntilAsync(StreamReader reader, Func<string, bool> isLast)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            lines.Add(line);
            if (isLast(line))
            {
                break;
            }
        }

        return lines;
    }
}
