using System.CommandLine;
using System.Reactive.Concurrency;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands.Run;

/// <summary><c>run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create(CommandConsole console, TimeProvider time, IScheduler scheduler)
    {
        var config = new Option<string?>("--config")
        {
            Description = "A JSON file of settings, read instead of the working directory's appsettings.json.",
            HelpName = "FILE",
        };
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
            var stray = Stray(parsed.UnmatchedTokens).ToArray();
            if (stray.Length > 0)
            {
                throw new InvalidConfigurationException(stray);
            }

            var builder = WebApplication.CreateBuilder(new WebApplicationOptions
            {
                Args = [.. parsed.UnmatchedTokens],
                ContentRootPath = AppContext.BaseDirectory, // appsettings.json lies beside the program, wherever it is started from
            });
            UserFile.Add(builder.Configuration, parsed.GetValue(config), Directory.GetCurrentDirectory());
            var app = await MonitorApp.BuildAsync(builder, time, scheduler);
            await MonitorApp.StartAsync(app, cancelled);
            await app.WaitForShutdownAsync(cancelled);

            // The app is not disposed of: the stages have left their groups, or their time is up, and to destroy a client may wait 45 s for
            // brokers that are down to take its last offset, which a successor does not need.
            app.Services.GetRequiredService<ILoggerFactory>().Dispose(); // writes what is still to be written
            return Environment.ExitCode;
        }));
        return command;
    }

    /// <summary>What the configuration would pass over in silence: words that are no setting, and settings without a value.</summary>
    public static IEnumerable<string> Stray(IReadOnlyList<string> tokens)
    {
        static bool IsSetting(string token) => token.StartsWith("--", StringComparison.Ordinal);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (!IsSetting(tokens[i]))
            {
                yield return $"{tokens[i]}: a setting is given as --Section:Name=value";
            }
            else if (!tokens[i].Contains('=', StringComparison.Ordinal))
            {
                var valueFollows = i + 1 < tokens.Count && !IsSetting(tokens[i + 1]);
                if (!valueFollows)
                {
                    yield return $"{tokens[i]}: a setting is given as --Section:Name=value";
                }

                i += valueFollows ? 1 : 0;
            }
        }
    }
}
