using System.Text.Json;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>A directory with the data of a Prometheus, and the times in it of which there are pictures.</summary>
internal sealed record Recording(DirectoryInfo Directory, Moment[] Moments)
{
    /// <summary>The subdirectory with Prometheus' data.</summary>
    public const string Data = "prometheus";

    /// <summary>Records, or takes what was recorded there before.</summary>
    public static async Task<Recording> OfAsync(DirectoryInfo directory, Func<DirectoryInfo, Task<Moment[]>> recordAsync)
    {
        var file = Path.Combine(directory.FullName, "moments.json");
        if (!File.Exists(file))
        {
            directory.Create();
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(await recordAsync(directory)));
        }

        return new Recording(directory, JsonSerializer.Deserialize<Moment[]>(await File.ReadAllTextAsync(file))!);
    }

    /// <summary>Starts a Prometheus that has what was recorded in a directory, and scrapes nothing.</summary>
    public static async Task<Server> ServeAsync(DirectoryInfo directory)
    {
        var configuration = Path.Combine(directory.FullName, "nothing.yml");
        await File.WriteAllTextAsync(configuration, "");
        return await Server.PrometheusAsync(configuration, Path.Combine(directory.FullName, Data));
    }
}
