using Parquet.Data;
using Parquet.Schema;

namespace DriftMonitor.Worker.Tables;

/// <summary>Values of one type.</summary>
/// <param name="column">The column.</param>
/// <param name="data">The values that are there, and the levels of all.</param>
/// <param name="write">Writes a value.</param>
/// <param name="isMissing">Whether a value that is there is none: NaN.</param>
internal sealed class ParquetValues<T>(
    DataField column, RawColumnData<T> data, Action<Utf8JsonWriter, T> write, Func<T, bool>? isMissing) : ParquetLeaf(column, data)
    where T : struct
{
    private int _value;

    public override bool IsMissing => base.IsMissing || isMissing?.Invoke(data.Values[_value]) == true;

    public override void Write(Utf8JsonWriter json)
    {
        base.Skip();
        write(json, data.Values[_value++]);
    }

    public override void Skip()
    {
        _value += base.IsMissing ? 0 : 1;
        base.Skip();
    }
}
