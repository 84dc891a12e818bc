using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.Views;

/// <summary>How the monitor writes JSON: names in snake case, undefined numbers as null.</summary>
internal static class MonitorJson
{
    /// <summary>How values are written, and read when another replica has written them.</summary>
    public static JsonSerializerOptions Options { get; } = Apply(new JsonSerializerOptions());

    /// <summary>How what another replica says is read: complete, or not at all.</summary>
    public static JsonSerializerOptions OfPeers { get; } = Apply(new JsonSerializerOptions
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    /// <summary>Makes options the same as these.</summary>
    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        options.Converters.Add(new FiniteNumber());
        return options;
    }

    /// <summary>The properties of a value, in the order in which it has them.</summary>
    public static JsonObject Of<T>(T value) => JsonSerializer.SerializeToNode(value, Options)!.AsObject();

    /// <summary>A number, null for one that is undefined.</summary>
    public static JsonValue? Number(double? value) => value is { } number && double.IsFinite(number) ? JsonValue.Create(number) : null;

    private sealed class FiniteNumber : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
