using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Alarms;

/// <summary>A scenario of the executable model (model/alarm_runs.py): what came in each minute, and what the rule decides of it.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Reference">The shares of the three classes in the reference.</param>
/// <param name="Counts">Events of each class, minute by minute.</param>
/// <param name="Truth">From which minute to which there is a drift.</param>
/// <param name="LateMinutes">How long after it has happened anything becomes known.</param>
/// <param name="Events">Minute, <c>begin</c>, <c>end</c> or <c>page</c>, and the window.</param>
public sealed record AlarmScenario(
    string Name, double[] Reference, byte[] Counts, ImmutableArray<(int From, int To)> Truth,
    int LateMinutes, ImmutableArray<(int Minute, string What, string Window)> Events)
{
    /// <summary>How many events the model's reference has.</summary>
    public const double ReferenceEvents = 16 * 1440 * 30;

    private static readonly JsonElement Document = Read();

    /// <summary>The model's windows, the shortest first.</summary>
    public static ImmutableArray<WindowSpec> Windows { get; } =
        [Given.Window("5m/1m"), Given.Window("1h/1m"), Given.Window("24h/10m")];

    /// <summary>All of them.</summary>
    public static ImmutableArray<AlarmScenario> All { get; } =
    [
        .. Document.GetProperty("scenarios").EnumerateArray().Select(one => new AlarmScenario(
            one.GetProperty("name").GetString()!,
            [.. one.GetProperty("q").EnumerateArray().Select(share => share.GetDouble())],
            one.GetProperty("counts").GetBytesFromBase64(),
            [.. one.GetProperty("truth").EnumerateArray().Select(part => (part[0].GetInt32(), part[1].GetInt32()))],
            one.GetProperty("late").GetInt32(),
            [.. one.GetProperty("events").EnumerateArray().Select(
                what => (what[0].GetInt32(), what[1].GetString()!, what[2].GetString()!))])),
    ];

    /// <summary>How many minutes there are.</summary>
    public int Minutes => Counts.Length / Reference.Length;

    /// <summary>The evidence in nats that a window's threshold asks for.</summary>
    public static (double Kl, double Cusum) Evidence(WindowSpec window)
    {
        var nats = Document.GetProperty("thresholds").GetProperty(window.Name);
        return (nats[0].GetDouble(), nats[1].GetDouble());
    }

    private static JsonElement Read()
    {
        using var file = typeof(AlarmScenario).Assembly.GetManifestResourceStream("scenarios.json.gz")!;
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        return JsonDocument.Parse(unpacked).RootElement.Clone();
    }
}
