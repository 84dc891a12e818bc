using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Formats;

/// <summary>How the records of a topic are written.</summary>
/// <param name="Payload">The prediction's own format.</param>
/// <param name="InCloudEvents">Whether it comes in CloudEvents, structured or binary.</param>
/// <param name="Output">Of a KServe response, the name of the output that holds the probabilities; null for the only one.</param>
internal sealed record PredictionFormat(PayloadFormat Payload, bool InCloudEvents = false, string? Output = null)
{
    public const string Allowed =
        "json, protobuf, kserve-v2, model-infer-response (both also with /OUTPUT) or chat-completion, each also with cloudevents+ "
        + "before it";

    private const string Envelope = "cloudevents+";

    /// <summary>Whether a payload may hold several predictions.</summary>
    public bool HasRows => Payload is PayloadFormat.KServeV2 or PayloadFormat.ModelInferResponse;

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
            ["model-infer-response"] => new PredictionFormat(PayloadFormat.ModelInferResponse, inCloudEvents),
            ["model-infer-response", { Length: > 0 } output] =>
                new PredictionFormat(PayloadFormat.ModelInferResponse, inCloudEvents, output),
            ["chat-completion"] => new PredictionFormat(PayloadFormat.ChatCompletion, inCloudEvents),
            _ => null,
        };
        return format is not null;
    }
}
