using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.FileProviders;

namespace DriftMonitor.Worker.Configuration;

/// <summary>
/// Where each setting is written. Later sources override earlier ones, so the last source that has a setting is its origin.
/// </summary>
internal sealed class SettingOrigins(IConfiguration configuration)
{
    /// <summary>Prefixes that the host takes off the names of variables.</summary>
    private static readonly string[] HostPrefixes = ["", "ASPNETCORE_", "DOTNET_"];

    private readonly IConfigurationProvider[] _latestFirst = [.. ((configuration as IConfigurationRoot)?.Providers ?? []).Reverse()];

    /// <summary>
    /// A file, a variable or the command line, for people to read; null for a setting that no source has, or one without a name.
    /// </summary>
    /// <param name="key">The setting, or a section: then the last source that has any setting in it.</param>
    public string? Of(string key)
    {
        var provider = Array.Find(_latestFirst, source => source.TryGet(key, out _))
            ?? Array.Find(_latestFirst, source => source.GetChildKeys([], key).Any());
        return provider switch
        {
            FileConfigurationProvider file => NameOf(file.Source),
            CommandLineConfigurationProvider => "the command line",
            EnvironmentVariablesConfigurationProvider => $"variable {VariableOf(key)}",
            ChainedConfigurationProvider chained => new SettingOrigins(chained.Configuration).Of(key),
            _ => null,
        };
    }

    /// <summary>A problem, which begins with its key, with the origin of that setting where it is known.</summary>
    public string Tell(string problem)
    {
        var key = problem.Split(' ', 2)[0].TrimEnd(':').TrimStart('-');
        return Of(key) is { } origin ? $"{problem} (from {origin})" : problem;
    }

    private static string NameOf(FileConfigurationSource file)
    {
        var path = file.FileProvider is PhysicalFileProvider folder ? Path.GetFullPath(file.Path!, folder.Root) : file.Path!;
        if (Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory) == Path.GetDirectoryName(path))
        {
            return $"the program's {Path.GetFileName(path)}";
        }

        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>As it is written: variables of any case are read.</summary>
    private static string VariableOf(string key)
    {
        var name = key.Replace(":", "__", StringComparison.Ordinal);
        var variables = Environment.GetEnvironmentVariables().Keys.Cast<string>().ToList();
        return HostPrefixes
            .Select(prefix => variables.Find(variable => variable.Equals(prefix + name, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(variable => variable is not null) ?? name;
    }
}
