using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>A JSON string that holds a JSON document, as Debezium's outbox writes it.</summary>
internal sealed class StringFrame : IFrame
{
    private byte[] _payload = new byte[1024];

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        payload = [];
        try
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                return RejectionReason.WrongType;
            }

            var text = reader.ValueSpan;
            var isEscaped = reader.ValueIsEscaped;
            reader.Read(); // what stands behind the string is an error
            if (!isEscaped)
            {
                payload = text;
                return RejectionReason.None;
            }

            if (_payload.Length < text.Length)
            {
                _payload = new byte[text.Length];
            }

            var isText = JsonNames.TryUnescape(text, _payload, out var length);
            payload = _payload.AsSpan(0, length);
            return isText ? RejectionReason.None : RejectionReason.Malformed;
        }
        catch (JsonException)
        {
            return RejectionReason.Malformed;
        }
    }
}
