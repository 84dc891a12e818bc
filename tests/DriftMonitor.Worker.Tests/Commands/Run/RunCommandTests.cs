using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DriftMonitor.Worker.Commands.Run;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DriftMonitor.Worker.Tests.Commands.Run;

/// <summary><c>run</c> with what it cannot run with, through the real command line, and as a process.</summary>
public sealed class RunCommandTests
{
    [Fact]
    public async Task A_wrong_configuration_is_told_whole_one_problem_a_line_and_nothing_else()
    {
        var (code, output, error) = await DriftMonitorProcess.RunAsync(
            "run", "--Kafka:BootstrapServers=", "--Kafka:PanesPartitions=many", "--Windows:Spans", "5m", "--Models:Maximum=7",
            "--Kafka:Client:sasl.password=hunter2",
            "--Kafka:Client:no.such=1", "--Logging:LogLevel:Default=Loud", "--Urls=nowhere");
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "Kafka:BootstrapServers", "Kafka:Client:no.such", "Kafka:PanesPartitions", "Logging:LogLevel:Default", "Models:Maximum",
                "Urls", "Windows:Spans"],
            lines.Select(line => line.Split(' ')[1].TrimEnd(':')).Order(StringComparer.Ordinal));
        Assert.All(lines, line => Assert.StartsWith("driftmonitor: ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-x=1")]
    [InlineData("Kafka:GroupId=x")]
    [InlineData("--Kafka:GroupId")]
    public async Task A_word_that_is_no_setting_is_told(string word)
    {
        var (code, output, error) = await DriftMonitorConsole.RunAsync("run", word);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Equal(
            $"driftmonitor: {word}: is neither an option of this command nor a setting; a setting has the form --Section:Name=value\n",
            error);
    }

    [Fact]
    public async Task A_word_and_a_file_that_are_wrong_are_both_told()
    {
        var (code, _, error) = await DriftMonitorConsole.RunAsync("run", "--config", "/no/such/file", "stray");
        Assert.Equal(1, code);
        Assert.StartsWith("driftmonitor: stray: is neither an option", error, StringComparison.Ordinal);
        Assert.EndsWith("\ndriftmonitor: --config = '/no/such/file': must be a file that exists\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_librdkafka_cannot_read_is_one_line()
    {
        var (code, _, error) = await DriftMonitorProcess.RunAsync(
            "run", "--Kafka:Client:security.protocol=ssl", "--Kafka:Client:ssl.ca.location=/no/such/file");
        Assert.NotEqual(0, code);
        Assert.StartsWith(
            "driftmonitor: Kafka:Client: ssl.ca.location", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    /// <summary>An orchestrator may change its mind: that is no failure.</summary>
    [Fact]
    public async Task A_stop_during_the_start_ends_with_0()
    {
        var before = Environment.ExitCode;
        Environment.ExitCode = 0;
        Assert.Equal(0, await RunCommand.RunAsync(With<StoppedInTheMiddle>(), TestContext.Current.CancellationToken));
        Environment.ExitCode = before;
    }

    [Fact]
    public async Task A_start_that_gives_up_by_itself_is_a_failure() => await Assert.ThrowsAsync<TaskCanceledException>(
        () => RunCommand.RunAsync(With<GivesUp>(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Brokers_that_cannot_be_reached_are_told_within_twenty_seconds()
    {
        var brokers = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ClosedPort()}");
        var started = Stopwatch.StartNew();
        var (code, output, error) = await DriftMonitorProcess.RunAsync("run", $"--Kafka:BootstrapServers={brokers}");
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.StartsWith(
            $"driftmonitor: Kafka:BootstrapServers = '{brokers}': ",
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.InRange(started.Elapsed.TotalSeconds, 0, 30); // 20 and what a busy machine may add
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static WebApplication With<T>()
        where T : class, IHostedService
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddHostedService<T>();
        return builder.Build();
    }

    private sealed class GivesUp : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new TaskCanceledException("a time limit of its own");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class StoppedInTheMiddle(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
