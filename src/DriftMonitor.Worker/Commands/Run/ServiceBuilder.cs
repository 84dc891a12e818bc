using System.CommandLine;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands.Run;

/// <summary>
/// The service before it is built, with all sources of its configuration: what <c>run</c> runs and <c>config</c> looks at.
/// </summary>
internal static class ServiceBuilder
{
    public static Option<string?> ConfigOption() => new("--config")
    {
        Description = "A JSON file of settings, read instead of the working directory's appsettings.json.",
        HelpName = "FILE",
    };

    /// <param name="file">The user's file of settings; null for that of the working directory, if there is one.</param>
    /// <param name="given">The settings of the command line.</param>
    /// <exception cref="InvalidConfigurationException">The named file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public static WebApplicationBuilder Create(string? file, GivenSettings given)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. given.Settings],
            ContentRootPath = AppContext.BaseDirectory, // appsettings.json lies beside the program, wherever it is started from
        });
        UserFile.Add(builder.Configuration, file, Directory.GetCurrentDirectory(), given.Problems);
        return builder;
    }
}
