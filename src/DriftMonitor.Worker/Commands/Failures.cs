using DriftMonitor.Display;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Commands;

/// <summary>Faults that the user can mend are told in a line each on standard error, without a stack trace.</summary>
internal static class Failures
{
    public const int ExitCode = 1;

    public static async Task<int> Told(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (InvalidConfigurationException problem)
        {
            foreach (var line in problem.Problems)
            {
                Tell(line);
            }
        }
        catch (InvalidDataException problem)
        {
            Tell($"{problem.Message} {problem.GetBaseException().Message}"); // a configuration file that is no JSON: which, and where in it
        }
        catch (Exception problem) when (problem is InvalidReferenceException or Kafka.InvalidClientException or IOException or UnauthorizedAccessException or Confluent.Kafka.KafkaException)
        {
            Tell(problem.Message);
        }

        return ExitCode;
    }

    public static void Tell(string line) => Console.Error.WriteLine($"driftmonitor: {DisplayText.Lines(line)}");
}
