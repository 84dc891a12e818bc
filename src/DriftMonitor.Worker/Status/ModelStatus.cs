using System.Text.Json.Serialization;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Status;

/// <summary>What the owner of a model says of it: a record of the status topic, JSON by its published schema.</summary>
/// <remarks>
/// Of several records of a model that with the largest (<see cref="Epoch"/>, <see cref="DecidedToMs"/>) holds: a replica that lost the
/// model and does not know yet has a smaller epoch. Times are epoch milliseconds.
/// </remarks>
/// <param name="Version">Of the schema. A field may be added to a version; nothing else may change.</param>
/// <param name="Model">The model.</param>
/// <param name="Epoch">Of the owner: larger than any before it.</param>
/// <param name="DecidedToMs">The end of the slide up to which its alarms are decided, event time.</param>
/// <param name="WrittenMs">When this was written, wall-clock time.</param>
/// <param name="Owner">The replica that owns the model.</param>
/// <param name="State">Whether the model is guarded, and if not, why.</param>
/// <param name="StateSinceMs">Since when, wall-clock time.</param>
/// <param name="LatestEventMs">The time of its latest event; null when none is known.</param>
/// <param name="Reference">The reference in use; null for none.</param>
/// <param name="Alarms">The alarms that are on, the first to begin first.</param>
/// <param name="Ended">The last ones that ended, the last to end last.</param>
/// <param name="Reported">What alarms have reported, which longer windows leave out.</param>
/// <param name="Decided">What a successor goes on from: for replicas of the monitor only, and not described.</param>
/// <param name="ReferenceChange">The last change of its references in the references topic; null where none is known.</param>
internal sealed record ModelStatus(
    int Version, string Model, long Epoch, long DecidedToMs, long WrittenMs, StatusOwner Owner, ModelState State, long? StateSinceMs,
    long? LatestEventMs, StatusReference? Reference, ImmutableArray<StatusAlarm> Alarms, ImmutableArray<StatusAlarm> Ended,
    ImmutableArray<StatusInterval> Reported, JsonElement Decided, ReferenceChange? ReferenceChange = null)
{
    public const int CurrentVersion = 1;

    /// <summary>How often the status of a model is written at least.</summary>
    public const long RepeatMs = 30_000;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true, // what lacks one is no status; a field that is added later needs a default
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <exception cref="JsonException">It is none, or of another version.</exception>
    public static ModelStatus Of(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<ModelStatus>(json, Options) is { Version: CurrentVersion, Model: not null } status
            ? status
            : throw new JsonException("it is of another version");

    /// <summary>Whether this holds, and not the other one.</summary>
    public bool Supersedes(ModelStatus other) => (Epoch, DecidedToMs).CompareTo((other.Epoch, other.DecidedToMs)) >= 0;
}
