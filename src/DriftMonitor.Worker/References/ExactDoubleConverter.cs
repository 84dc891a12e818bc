using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.References;

/// <summary>Writes numbers that read back bit for bit: .NET's shortest 2⁻²⁵ and 2⁻⁹⁵⁸ are a digit too short and mean a neighbour.</summary>
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
