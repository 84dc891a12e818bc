using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Recognises the frame of a payload that could not be read, since its source does not declare it.</summary>
internal static class UndeclaredFrame
{
    private static readonly ImmutableArray<string> Remedies = [.. Enum.GetValues<SourceFrame>().Select(RemedyOf)];

    /// <summary>The frame, null for none.</summary>
    /// <param name="payload">What could not be read.</param>
    /// <param name="reason">Why not.</param>
    public static SourceFrame? Find(ReadOnlySpan<byte> payload, RejectionReason reason)
    {
        if (reason is not (RejectionReason.Malformed or RejectionReason.NotAnObject or RejectionReason.MissingOutput))
        {
            return null;
        }

        if (payload.Length > ConfluentFraming.Length && payload[0] == 0)
        {
            return SourceFrame.Confluent;
        }

        if (payload is [0x1f, 0x8b, ..])
        {
            return SourceFrame.Gzip;
        }

        try
        {
            return reason == RejectionReason.Malformed ? null : OfJson(payload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SourceFrame? OfJson(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueSpan.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] ? SourceFrame.String : null;
        }

        bool hasSchema = false, hasPayload = false, hasVersion = false, hasData = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasSchema |= JsonNames.Is(in reader, "schema"u8);
            hasPayload |= JsonNames.Is(in reader, "payload"u8);
            hasVersion |= JsonNames.Is(in reader, "specversion"u8);
            hasData |= JsonNames.Is(in reader, "data"u8) || JsonNames.Is(in reader, "data_base64"u8);
            reader.Skip();
        }

        return hasSchema && hasPayload ? SourceFrame.Connect : hasVersion && hasData ? SourceFrame.CloudEvents : null;
    }

    /// <summary>What to do about it.</summary>
    public static string Remedy(SourceFrame frame) => Remedies[(int)frame];

    private static string RemedyOf(SourceFrame frame) =>
        $"the value looks like {Describe(frame)}: declare Frame={SourceOptions.FrameName(frame)} in the source";

    private static string Describe(SourceFrame frame) => frame switch
    {
        SourceFrame.Confluent => "Confluent's framing (a zero byte and the number of a schema)",
        SourceFrame.Gzip => "gzip",
        SourceFrame.Connect => "Kafka Connect's JSON with schema and payload",
        SourceFrame.String => "a JSON document within a JSON string",
        _ => "a CloudEvent",
    };
}
