using System.CommandLine;
using System.Reactive.Concurrency;

namespace DriftMonitor.Worker.Commands.Run;

/// <summary><c>run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create(CommandConsole console, TimeProvider time, IScheduler scheduler)
    {
        var config = ServiceBuilder.ConfigOption();
        var command = new Command(
            "run",
            "Run the service. Every setting of appsettings.json can also be given as --Kafka:BootstrapServers=…, or as an environment "
            + "variable Kafka__BootstrapServers.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Add(config);
        command.SetAction((parsed, cancelled) => console.TellFaultsAsync(async () =>
        {
            var given = GivenSettings.Read(parsed.UnmatchedTokens);
            var builder = ServiceBuilder.Create(parsed.GetValue(config), given);
            var app = await MonitorApp.BuildAsync(builder, time, scheduler, given.Problems);
            return await RunAsync(app, cancelled);
        }));
        return command;
    }

    /// <summary>Runs the service until it is to stop, also while it starts.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(WebApplication app, CancellationToken cancelled)
    {
        try
        {
            await MonitorApp.StartAsync(app, cancelled);
            await app.WaitForShutdownAsync(cancelled);
        }
        finally
        {
            // The app is not disposed of: the stages have left their groups, or their time is up, and to destroy a client may wait 45 s for
            // brokers that are down to take its last offset, which a successor does not need.
            foreach (var log in app.Services.GetServices<ILoggerProvider>())
            {
                log.Dispose(); // writes the last lines; the factory, which was given the providers, would not
            }
        }

        return Environment.ExitCode;
    }
}
