using System.CommandLine;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands;

/// <summary>The service's settings, of which a command takes some: the file that is named, else that of the working directory.</summary>
/// <param name="taken">What is taken from it.</param>
internal sealed class ServiceFile(string taken)
{
    private const string References = "References:Directory";

    public Option<string?> Option { get; } = new("--config")
    {
        Description = $"The service's file of settings, instead of the working directory's appsettings.json. Taken from it: {taken}.",
        HelpName = "FILE",
    };

    /// <summary>The settings of the file; null where there is none.</summary>
    /// <exception cref="InvalidConfigurationException">A setting is wrong.</exception>
    public MonitorSettings? Read(ParseResult parsed) =>
        parsed.GetValue(Option) is not null || File.Exists(UserFile.Name) ? ReadAlways(parsed) : null;

    /// <summary>The same, the program's own settings without a file.</summary>
    /// <param name="given">Settings of the command line, <c>--Section:Name=value</c>.</param>
    /// <inheritdoc cref="Read"/>
    public MonitorSettings ReadAlways(ParseResult parsed, params IReadOnlyList<string> given)
    {
        var configuration = new ConfigurationManager();
        configuration.SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables();
        UserFile.Add(configuration, parsed.GetValue(Option), Directory.GetCurrentDirectory());
        configuration.AddCommandLine([.. given]);

        // Directories of the service, which need not be here or there yet: reference build may make one of them. Last, so that it goes
        // before all others.
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [References] = Directory.Exists(configuration[References]) ? configuration[References] : "",
            ["Feedback:Directory"] = "",
        });
        return ConfigurationReader.Read(configuration);
    }
}
