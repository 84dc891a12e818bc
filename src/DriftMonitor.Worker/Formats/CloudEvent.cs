using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Formats;

/// <summary>A CloudEvent's data and what its attributes say of the prediction in it, in either of the modes that Kafka knows.</summary>
/// <remarks>
/// Binary: attributes are headers (<c>ce_time</c>), the record's value is the data. Structured: the value is a JSON object with the
/// attributes and
/// <c>data</c> or <c>data_base64</c>. Of the attributes <c>time</c> tells when, and the extension <c>inferenceservicename</c>, which
/// KServe's payload logger adds, which model; both yield to what the data say.
/// The CNCF's library throws on an event whose time or source is wrong, and makes a tree of each; here a side field does not cost the
/// prediction. CloudEventTests hold both to the same values.
/// </remarks>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka protocol binding
/// for CloudEvents</seealso>
internal ref struct CloudEvent
{
    /// <summary>What begins the name of the header that an attribute has.</summary>
    public const string HeaderPrefix = "ce_";

    /// <summary>The header that a CloudEvent has whose attributes are headers.</summary>
    public const string VersionHeader = HeaderPrefix + "specversion";

    /// <summary>Whether its attributes stand in the value, beside the data.</summary>
    public bool IsStructured { get; private set; }

    /// <summary>The prediction.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The model's name as UTF-8 text, empty for none.</summary>
    public ReadOnlySpan<byte> Model { get; private set; }

    /// <summary>The event's id, which is the prediction's where the data have none; empty for none.</summary>
    public ReadOnlySpan<char> Id { get; private set; }

    /// <summary>When it happened, epoch milliseconds.</summary>
    public long? TimeMs { get; private set; }

    /// <summary>Whether it has a time that cannot be read, which does not cost the prediction.</summary>
    public bool HasUnreadableTime { get; private set; }

    /// <param name="zone">The zone of times that name none; null for UTC.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why it is no CloudEvent with data. It never throws.</returns>
    public RejectionReason Read(ReadOnlySpan<byte> value, Headers? headers, PredictionBuffers buffers, TimeZoneInfo? zone = null)
    {
        if (headers is not null && headers.TryGetLastBytes(VersionHeader, out _))
        {
            Data = value;
            Id = headers.TryGetLastBytes("ce_id", out var id)
                && Encoding.UTF8.TryGetChars(id, buffers.Id, out var length)
                && length <= JsonNames.MaxLength
                ? buffers.Id.AsSpan(0, length)
                : [];
            Model = headers.TryGetLastBytes("ce_inferenceservicename", out var model) ? model : [];
            if (headers.TryGetLastBytes("ce_time", out var time))
            {
                TimeMs = JsonTimestamp.TryParse(time, out var timeMs, zone) ? timeMs : null;
                HasUnreadableTime = TimeMs is null;
            }

            return RejectionReason.None;
        }

        if (!Utf8.IsValid(value))
        {
            return RejectionReason.Malformed;
        }

        try
        {
            return ReadStructured(value, buffers, zone);
        }
        catch (JsonException)
        {
            return RejectionReason.Malformed;
        }
    }

    private RejectionReason ReadStructured(ReadOnlySpan<byte> value, PredictionBuffers buffers, TimeZoneInfo? zone)
    {
        var reader = new Utf8JsonReader(value);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectionReason.NotAnObject;
        }

        var (problem, isEvent, hasData) = (RejectionReason.None, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var attribute = AttributeOf(in reader);
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            if (problem != RejectionReason.None || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip(); // to the end, since whether it is JSON at all is known only there
                continue;
            }

            switch (attribute)
            {
                case Attribute.SpecVersion:
                    isEvent = true;
                    break;
                case Attribute.Id:
                    Id = JsonNames.TryReadId(ref reader, buffers.Id, out var length) ? buffers.Id.AsSpan(0, length) : [];
                    break;
                case Attribute.Time:
                    TimeMs = JsonTimestamp.TryRead(in reader, new TimeForm(TimeUnit.Milliseconds, zone), out var timeMs) ? timeMs : null;
                    HasUnreadableTime = TimeMs is null;
                    break;
                case Attribute.Model:
                    problem = JsonNames.CopyUtf8(in reader, buffers.Model, out var model);
                    Model = model;
                    break;
                case Attribute.Base64 when !hasData:
                    problem = ReadBase64(in reader, buffers);
                    hasData = true;
                    break;
                case Attribute.Data when !hasData:
                    reader.Skip();
                    Data = value[from..(int)reader.BytesConsumed];
                    hasData = true;
                    continue;
                case Attribute.Data or Attribute.Base64:
                    problem = RejectionReason.DuplicateField;
                    break;
            }

            reader.Skip();
        }

        while (reader.Read())
        {
        }

        IsStructured = isEvent;
        return problem != RejectionReason.None ? problem
            : !isEvent ? RejectionReason.NotACloudEvent
            : hasData ? RejectionReason.None
            : RejectionReason.Empty;
    }

    private RejectionReason ReadBase64(ref readonly Utf8JsonReader reader, PredictionBuffers buffers)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return RejectionReason.WrongType;
        }

        var text = reader.ValueSpan;
        var (whole, length) = (true, text.Length);
        var bytes = buffers.Bytes(2 * length); // without escapes, and behind that decoded
        if (reader.ValueIsEscaped)
        {
            whole = JsonNames.TryUnescape(text, bytes, out length);
            text = bytes[..length];
        }

        var data = bytes[length..];
        if (!whole || Base64.DecodeFromUtf8(text, data, out _, out length) != OperationStatus.Done)
        {
            return RejectionReason.Malformed;
        }

        Data = data[..length];
        return RejectionReason.None;
    }

    private static Attribute AttributeOf(ref readonly Utf8JsonReader reader) =>
        JsonNames.Is(in reader, "data"u8) ? Attribute.Data
        : JsonNames.Is(in reader, "specversion"u8) ? Attribute.SpecVersion
        : JsonNames.Is(in reader, "time"u8) ? Attribute.Time
        : JsonNames.Is(in reader, "id"u8) ? Attribute.Id
        : JsonNames.Is(in reader, "inferenceservicename"u8) ? Attribute.Model
        : JsonNames.Is(in reader, "data_base64"u8) ? Attribute.Base64
        : Attribute.Other;

    private enum Attribute
    {
        Other,
        SpecVersion,
        Id,
        Time,
        Model,
        Data,
        Base64,
    }
}
