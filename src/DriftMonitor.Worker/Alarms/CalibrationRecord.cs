using Confluent.Kafka;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Alarms;

/// <summary>A record of the calibrations topic.</summary>
/// <param name="Key">What its value follows from: the record's key too, by which the topic is compacted.</param>
/// <param name="Value">What was worked out.</param>
internal sealed record CalibrationRecord(string Key, byte[] Value)
{
    private const int Format = 1;

    /// <summary>Reads records, and gives null for what is none, or of a newer version.</summary>
    public static IDeserializer<CalibrationRecord?> Deserializer { get; } = new Reader();

    public byte[] ToBytes() =>
        new KeptCalibration { Format = Format, Key = Key, Value = UnsafeByteOperations.UnsafeWrap(Value) }.ToByteArray();

    private sealed class Reader : IDeserializer<CalibrationRecord?>
    {
        public CalibrationRecord? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            try
            {
                return !isNull && KeptCalibration.Parser.ParseFrom(data) is { Format: Format, Key.Length: > 0 } read
                    ? new CalibrationRecord(read.Key, read.Value.ToByteArray())
                    : null;
            }
            catch (InvalidProtocolBufferException)
            {
                return null;
            }
        }
    }
}
