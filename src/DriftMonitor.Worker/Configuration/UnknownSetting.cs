using Microsoft.Extensions.Configuration.CommandLine;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What is said of a setting that does not exist: where it is now, or the nearest name that exists.</summary>
internal static class UnknownSetting
{
    private const string OfModel = "set for each model in the list Models, such as Models:0:Name=MODEL and Models:0:";

    /// <summary>Sections and settings that the web server and the log read.</summary>
    public static readonly ImmutableArray<string> OfFramework =
        ["Logging", "Urls", "AllowedHosts", "Kestrel", "Environment", "ApplicationName", "ContentRoot", "HTTP_PORTS", "HTTPS_PORTS"];

    /// <summary>What an editor reads of a file: where the description of its settings is.</summary>
    public const string Schema = "$schema";

    private static readonly Dictionary<string, string> NewNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Alarms:FalseAlarmBudget"] = "Alarms:Budget",
        ["Alarms:Models"] = $"{OfModel}KlWarningNats=0.05",
        ["Models:AcceptUnknown"] = "Limits:AcceptUnknownModels",
        ["Models:Classes"] = $"{OfModel}Classes:0=FIRST, Models:0:Classes:1=SECOND, …",
        ["Models:Max"] = "Limits:Models",
        ["Models:MaxRecordBytes"] = "Limits:RecordBytes",
        ["Models:MaxSegments"] = "Limits:SegmentsPerModel",
        ["Models:SumTolerance"] = "Limits:SumTolerance",
        ["Windows:MaxSeriesPerPartition"] = "Limits:SeriesPerPartition",
    };

    /// <summary>Null for a setting that never existed.</summary>
    public static string? Moved(string path) => NewNames.TryGetValue(path, out var name) ? $"{path}: is now {name}" : null;

    /// <param name="prefix">What stands before the name: <c>Windows:</c>.</param>
    public static string Line(string prefix, string name, IReadOnlyCollection<string> known)
    {
        var names = Nearest(prefix, name, known) ?? $"there are {string.Join(", ", known)}";
        return Moved(prefix + name) ?? $"{prefix}{name}: there is no such setting; {names}";
    }

    /// <summary>The question whether the nearest name is meant; null if none is near.</summary>
    public static string? Nearest(string prefix, string name, IReadOnlyCollection<string> known) =>
        NearestName.Of(name, known) is { } nearest ? $"did you mean {prefix}{nearest}?" : null;

    /// <summary>A line for each section in a file or on the command line that nobody reads. Variables are of others, too.</summary>
    public static IEnumerable<string> Sections(IConfiguration configuration)
    {
        string[] known = [.. OptionsBinder.SettingsOf(typeof(MonitorOptions)).Keys, .. OfFramework];
        foreach (var provider in (configuration as IConfigurationRoot)?.Providers ?? [])
        {
            var isCommandLine = provider is CommandLineConfigurationProvider;
            if (isCommandLine || provider is FileConfigurationProvider or StreamConfigurationProvider)
            {
                foreach (var name in provider.GetChildKeys([], null).Except([.. known, Schema], StringComparer.OrdinalIgnoreCase))
                {
                    yield return Line(isCommandLine ? "--" : "", name, isCommandLine ? [.. known, "config"] : known);
                }
            }
        }
    }
}
