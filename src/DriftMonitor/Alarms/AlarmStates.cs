using System.Text.Json;
using System.Text.Json.Serialization;

namespace DriftMonitor.Alarms;

/// <summary>What was decided of a model's alarms, as a successor needs it, written as JSON.</summary>
/// <param name="Version">Of this form. What is of another one is not read.</param>
/// <param name="Windows">The windows that places are of, the shortest first. With other ones nothing can be gone on from.</param>
/// <param name="Series">What was decided of each series and kind.</param>
internal sealed record AlarmStates(int Version, ImmutableArray<WindowSpec> Windows, ImmutableArray<SeriesAlarmsState> Series)
{
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // doubles are written so that they are read as the same bits
        IgnoreReadOnlyProperties = true,
        IncludeFields = true, // of tuples
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new WindowText() },
    };

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, Options);

    /// <exception cref="JsonException">It is not what <see cref="ToJson"/> writes.</exception>
    public static AlarmStates Of(JsonElement json) =>
        json.Deserialize<AlarmStates>(Options) is { Version: CurrentVersion } states
            ? states
            : throw new JsonException("it is of another version");

    private sealed class WindowText : JsonConverter<WindowSpec>
    {
        public override WindowSpec Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            WindowSpec.TryParse(reader.GetString() ?? "", out var window, out var problem) ? window : throw new JsonException(problem);

        public override void Write(Utf8JsonWriter writer, WindowSpec value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
