using Microsoft.Extensions.Configuration.Json;

namespace DriftMonitor.Worker.Configuration;

/// <summary>
/// The file of settings that overrides the program's own: the one that is named, else <c>appsettings.json</c> of the working directory,
/// if it exists.
/// </summary>
internal static class UserFile
{
    /// <summary>The file in the working directory that is read where none is named.</summary>
    public const string Name = "appsettings.json";

    /// <param name="others">Problems that are known already, which are listed first.</param>
    /// <exception cref="InvalidConfigurationException">The named file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public static void Add(ConfigurationManager configuration, string? named, string workingDirectory, params IEnumerable<string> others)
    {
        var path = Path.GetFullPath(named ?? Name, workingDirectory);
        var source = new JsonConfigurationSource { Path = path, Optional = true };
        if (named is not null && !File.Exists(path))
        {
            throw new InvalidConfigurationException([.. others, $"--config = '{named}': must be a file that exists"]);
        }

        source.ResolveFileProvider();
        IList<IConfigurationSource> sources = configuration.Sources;
        var ours = sources.LastOrDefault(other => other is JsonConfigurationSource);
        sources.Insert(ours is null ? 0 : sources.IndexOf(ours) + 1, source); // before the environment and the command line
    }
}
