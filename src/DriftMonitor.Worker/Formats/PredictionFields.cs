namespace DriftMonitor.Worker.Formats;

/// <summary>From a property's name to the field.</summary>
internal static class PredictionFields
{
    private const int Longest = 15;

    /// <summary>The names of all fields.</summary>
    public static ImmutableArray<string> Names { get; } =
        [
            .. Enum.GetValues<PredictionField>()
                .Where(field => field is not (PredictionField.Unknown or PredictionField.Outputs))
                .Select(NameOf)];

    /// <summary>A field's name in JSON.</summary>
    public static string NameOf(PredictionField field) =>
        field == PredictionField.Timestamp ? "ts" : SnakeCaseName.Of(field.ToString());

    /// <summary>The field whose name the reader stands on. A name may be written with escapes.</summary>
    public static PredictionField Of(ref readonly Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return Of(name);
        }

        if (name.Length > 6 * Longest)
        {
            return PredictionField.Unknown;
        }

        Span<byte> unescaped = stackalloc byte[6 * Longest];
        return JsonNames.TryUnescape(name, unescaped, out var length) ? Of(unescaped[..length]) : PredictionField.Unknown;
    }

    /// <summary>The field of that name; <see cref="PredictionField.Unknown"/> if there is none.</summary>
    public static PredictionField Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when name.SequenceEqual("ts"u8) => PredictionField.Timestamp,
        2 when name.SequenceEqual("id"u8) => PredictionField.Id,
        5 when name.SequenceEqual("model"u8) => PredictionField.Model,
        5 when name.SequenceEqual("probs"u8) => PredictionField.Probs,
        5 when name.SequenceEqual("label"u8) => PredictionField.Label,
        5 when name.SequenceEqual("score"u8) => PredictionField.Score,
        6 when name.SequenceEqual("logits"u8) => PredictionField.Logits,
        6 when name.SequenceEqual("policy"u8) => PredictionField.Policy,
        7 when name.SequenceEqual("segment"u8) => PredictionField.Segment,
        7 when name.SequenceEqual("version"u8) => PredictionField.Version,
        7 when name.SequenceEqual("rewards"u8) => PredictionField.Rewards,
        8 when name.SequenceEqual("logprobs"u8) => PredictionField.Logprobs,
        9 when name.SequenceEqual("top_probs"u8) => PredictionField.TopProbs,
        10 when name.SequenceEqual("multilabel"u8) => PredictionField.Multilabel,
        11 when name.SequenceEqual("probability"u8) => PredictionField.Probability,
        12 when name.SequenceEqual("top_logprobs"u8) => PredictionField.TopLogprobs,
        Longest when name.SequenceEqual("policy_logprobs"u8) => PredictionField.PolicyLogprobs,
        _ => PredictionField.Unknown,
    };
}
