using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.References;

/// <summary>Writes numbers so that they are read back bit for bit: .NET's shortest text for 2⁻²⁵ and 2⁻⁹⁵⁸ is one digit too short and means their neighbour.</summary>
internal sealed class ExactDoubleConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Equals(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteRawValue(value.ToString("G17", CultureInfo.InvariantCulture));
        }
    }
}
