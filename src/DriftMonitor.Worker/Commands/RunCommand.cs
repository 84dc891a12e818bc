using System.CommandLine;
using System.Reactive.Concurrency;

namespace DriftMonitor.Worker.Commands;

/// <summary><c>run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create(TimeProvider time, IScheduler scheduler)
    {
        var command = new Command(
            "run",
            "Run the service. Every setting of appsettings.json can also be given as --Kafka:BootstrapServers=…, or as an environment variable Kafka__BootstrapServers.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction((parsed, cancelled) => Failures.Told(async () =>
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions
            {
                Args = [.. parsed.UnmatchedTokens],
                ContentRootPath = AppContext.BaseDirectory, // appsettings.json lies beside the program, wherever it is started from
            });
            await using var app = await MonitorApp.BuildAsync(builder, time, scheduler);
            await MonitorApp.StartAsync(app, cancelled);
            await app.WaitForShutdownAsync(cancelled);
            return Environment.ExitCode;
        }));
        return command;
    }
}
