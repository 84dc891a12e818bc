namespace DriftMonitor.Worker.Tables;

/// <summary>Objects. A member that is missing is absent: pandas gives every dictionary of a column the keys of all of them.</summary>
/// <param name="members">What they hold.</param>
/// <param name="definition">The least definition level of an object that is there.</param>
internal sealed class ParquetStruct(ImmutableArray<(JsonEncodedText Name, ParquetNode Value)> members, int definition) : ParquetNode
{
    public override ParquetLeaf First => members[0].Value.First;

    public override bool IsMissing => First.Definition < definition;

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            if (value.IsMissing)
            {
                value.Skip();
            }
            else
            {
                json.WritePropertyName(name);
                value.Write(json);
            }
        }

        json.WriteEndObject();
    }

    public override void Skip()
    {
        foreach (var (_, value) in members)
        {
            value.Skip();
        }
    }
}
