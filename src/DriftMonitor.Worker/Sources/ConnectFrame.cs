using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Kafka Connect's JSON converter: an object with <c>schema</c> and <c>payload</c>.</summary>
internal sealed class ConnectFrame : IFrame
{
    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        try
        {
            return Find(value, out payload);
        }
        catch (JsonException)
        {
            payload = [];
            return RejectionReason.Malformed;
        }
    }

    private static RejectionReason Find(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> payload)
    {
        payload = [];
        var reader = new Utf8JsonReader(value);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectionReason.NotAnObject;
        }

        var found = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPayload = JsonNames.Is(in reader, "payload"u8);
            reader.Read();
            var (start, isNull) = ((int)reader.TokenStartIndex, reader.TokenType == JsonTokenType.Null);
            reader.Skip();
            if (isPayload)
            {
                found++;
                payload = isNull ? [] : value[start..(int)reader.BytesConsumed];
            }
        }

        while (reader.Read())
        {
            // To the end: whether it is JSON at all is known only there.
        }

        return found > 1 ? RejectionReason.DuplicateField : found == 0 ? RejectionReason.MissingOutput : RejectionReason.None;
    }
}
