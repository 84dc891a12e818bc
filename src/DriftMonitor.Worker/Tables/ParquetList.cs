namespace DriftMonitor.Worker.Tables;

/// <summary>Arrays, or objects whose members have any names.</summary>
/// <param name="key">Writes the names of the items, null for an array.</param>
/// <param name="item">The items.</param>
/// <param name="repetition">The repetition level of every item but the first.</param>
/// <param name="definition">The least definition level of a list with an item; one less is an empty list.</param>
internal sealed class ParquetList(ParquetLeaf? key, ParquetNode item, int repetition, int definition) : ParquetNode
{
    public override ParquetLeaf First => key ?? item.First;

    public override bool IsMissing => First.Definition < definition - 1;

    public override void Write(Utf8JsonWriter json)
    {
        WriteBracket(json, isStart: true);
        if (First.Definition < definition)
        {
            Skip();
        }
        else
        {
            do
            {
                key?.Write(json);
                item.WriteOrNull(json);
            }
            while (First.Repetition == repetition);
        }

        WriteBracket(json, isStart: false);
    }

    public override void Skip()
    {
        key?.Skip();
        item.Skip();
    }

    private void WriteBracket(Utf8JsonWriter json, bool isStart)
    {
        switch (key is null, isStart)
        {
            case (true, true):
                json.WriteStartArray();
                break;
            case (true, false):
                json.WriteEndArray();
                break;
            case (false, true):
                json.WriteStartObject();
                break;
            default:
                json.WriteEndObject();
                break;
        }
    }
}
