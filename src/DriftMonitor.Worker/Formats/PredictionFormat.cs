using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Formats;

/// <summary>How the records of a topic are written.</summary>
/// <param name="Payload">The prediction's own format.</param>
/// <param name="InCloudEvents">Whether it comes in CloudEvents, structured or binary.</param>
/// <param name="Output">Of a KServe response, the name of the output that holds the probabilities; null for the only one.</param>
internal sealed record PredictionFormat(PayloadFormat Payload, bool InCloudEvents = false, string? Output = null)
{
    public const string Allowed = "json, protobuf, kserve-v2 or kserve-v2/OUTPUT, each also with cloudevents+ before it";

    private const string Envelope = "cloudevents+";

    /// <summary>What times that are numbers count.</summary>
    public TimeUnit TimeUnit { get; init; }

    public static PredictionFormat Json { get; } = new(PayloadFormat.Json);

    /// <summary>Reads <c>cloudevents+kserve-v2/probabilities</c> and the like.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PredictionFormat? format)
    {
        var inCloudEvents = text.StartsWith(Envelope, StringComparison.Ordinal);
        var parts = text[(inCloudEvents ? Envelope.Length : 0)..].Split('/', 2);
        format = parts switch
        {
            ["json"] => new PredictionFormat(PayloadFormat.Json, inCloudEvents),
            ["protobuf"] => new PredictionFormat(PayloadFormat.Protobuf, inCloudEvents),
            ["kserve-v2"] => new PredictionFormat(PayloadFormat.KServeV2, inCloudEvents),
            ["kserve-v2", { Length: > 0 } output] => new PredictionFormat(PayloadFormat.KServeV2, inCloudEvents, output),
            _ => null,
        };
        return format is not null;
    }
}
