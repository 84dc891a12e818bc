using System.CommandLine;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands;

/// <summary>The service's settings, as other commands read them.</summary>
internal static class ServiceSettings
{
    /// <summary>Directories of the service alone, which need not be there: <c>reference build</c> may make one of them.</summary>
    private static readonly Dictionary<string, string?> ServiceAlone = new() { ["References:Directory"] = "", ["Feedback:Directory"] = "" };

    /// <summary>The option for their file.</summary>
    public static Option<string?> FileOption(string description) => new("--config") { Description = description, HelpName = "FILE" };

    /// <summary>Reads what the service reads: the program's file, the user's, the environment, and what is given.</summary>
    /// <param name="config">The user's file; null for the working directory's, if it exists.</param>
    /// <param name="given">Settings of the command line, <c>--Section:Name=value</c>.</param>
    /// <exception cref="InvalidConfigurationException">A setting is wrong, or is none.</exception>
    public static MonitorSettings Read(string? config, params IReadOnlyList<string> given)
    {
        var stray = Stray(given).ToArray();
        if (stray.Length > 0)
        {
            throw new InvalidConfigurationException(stray);
        }

        var configuration = new ConfigurationManager();
        configuration.SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables();
        UserFile.Add(configuration, config, Directory.GetCurrentDirectory());
        configuration.AddCommandLine([.. given]);
        configuration.AddInMemoryCollection(ServiceAlone); // last, so that it goes before all others
        return ConfigurationReader.Read(configuration);
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
