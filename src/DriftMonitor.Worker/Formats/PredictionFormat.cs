using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Formats;

/// <summary>How the records of a topic are written.</summary>
/// <param name="Payload">The prediction's own format.</param>
/// <param name="Output">
/// Of a model server's response, the name of the output that is taken; null for the only one, or the only one of floats.
/// </param>
internal sealed record PredictionFormat(PayloadFormat Payload, string? Output = null)
{
    public const string Allowed =
        "json, protobuf, openai-chat, kserve-v2 or kserve-v2-grpc, the last two also with /OUTPUT and =FORM behind it (FORM: what the "
        + "output is, such as kserve-v2/score=probability)";

    /// <summary>What an output can be declared to be.</summary>
    private const PredictionField Declarable = PredictionField.Probs | PredictionField.Logits | PredictionField.Logprobs
        | PredictionField.Label | PredictionField.Score | PredictionField.Probability | PredictionField.Multilabel;

    /// <summary>What the output is declared to be; <see cref="PredictionField.Unknown"/> for what its type and shape say.</summary>
    public PredictionField Declared { get; init; }

    /// <summary>Whether a payload may hold several predictions.</summary>
    public bool HasRows => Payload is PayloadFormat.KServeV2 or PayloadFormat.ModelInfer;

    /// <summary>How times are read.</summary>
    public TimeForm Times { get; init; }

    public static PredictionFormat Json { get; } = new(PayloadFormat.Json);

    /// <summary>Reads <c>kserve-v2/probabilities</c> and the like.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out PredictionFormat? format)
    {
        format = name switch
        {
            "json" => new PredictionFormat(PayloadFormat.Json),
            "protobuf" => new PredictionFormat(PayloadFormat.Protobuf),
            "openai-chat" => new PredictionFormat(PayloadFormat.ChatCompletion),
            _ => OfTensors(name, "kserve-v2-grpc", PayloadFormat.ModelInfer)
                ?? OfTensors(name, "kserve-v2", PayloadFormat.KServeV2),
        };
        return format is not null;
    }

    /// <summary>Reads <c>NAME/OUTPUT=FORM</c>, of which all but the name may be missing.</summary>
    private static PredictionFormat? OfTensors(string text, string name, PayloadFormat payload)
    {
        if (!text.StartsWith(name, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = text[name.Length..];
        var form = PredictionField.Unknown;
        if (rest.LastIndexOf('=') is >= 0 and var sign)
        {
            form = PredictionFields.Of(Encoding.UTF8.GetBytes(rest[(sign + 1)..]));
            if (form == PredictionField.Unknown || (form & Declarable) != form)
            {
                return null;
            }

            rest = rest[..sign];
        }

        return rest is "" ? new PredictionFormat(payload) { Declared = form }
            : rest is ['/', _, ..] ? new PredictionFormat(payload, rest[1..]) { Declared = form }
            : null;
    }
}
