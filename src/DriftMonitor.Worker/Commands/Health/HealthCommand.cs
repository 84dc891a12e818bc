using System.CommandLine;
using DriftMonitor.Worker.Commands.Config;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Http;

namespace DriftMonitor.Worker.Commands.Health;

/// <summary><c>health</c>: whether the service on this machine is alive, for orchestrators whose images have no shell.</summary>
internal static class HealthCommand
{
    private const int MostBytes = 65_536; // of an answer: a line for each stage

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Command Create(CommandConsole console) => ConfigCommand.Create(
        console,
        new Command(
            "health",
            "Ask the service on this machine whether it is alive. The exit code is 0 if it is, otherwise 1. The address is taken from the "
            + "service's settings. Settings can also be given on the command line, as with driftmonitor run: --Urls=http://127.0.0.1:9464"),
        async (_, configuration, problems) => problems.IsEmpty
            ? await AskAsync(console, HealthAddress.Live(configuration))
            : throw new InvalidConfigurationException(problems));

    private static async Task<int> AskAsync(CommandConsole console, Uri address)
    {
#pragma warning disable MA0039 // it asks its own machine, whose certificate is for the name by which others know it
        using var handler = new HttpClientHandler
        {
            UseProxy = false, // there is none between
            AllowAutoRedirect = false,
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
#pragma warning restore MA0039
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        string problem;
        try
        {
            using var answer = await client.GetAsync(address);
            var line = FormattableString.Invariant($"{address}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            if (answer.IsSuccessStatusCode)
            {
                console.Say(DisplayText.Of(line));
                return 0;
            }

            problem = DisplayText.Of(line);
        }
        catch (HttpRequestException fault)
        {
            problem = $"{address}: {ErrorText.Of(fault)}";
        }
        catch (TaskCanceledException)
        {
            problem = FormattableString.Invariant($"{address}: no answer within {Patience.TotalSeconds} s");
        }

        console.Tell(problem);
        return CommandConsole.FailureExitCode;
    }
}
