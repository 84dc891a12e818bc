using System.Buffers;
using System.Text.Encodings.Web;

namespace DriftMonitor.Worker.Tables;

/// <summary>Writes rows of a table as JSON, one after the other into the same memory.</summary>
internal sealed class RowJson : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private readonly Utf8JsonWriter _json;
    private string? _group;

    public RowJson() => _json = new Utf8JsonWriter(
        _bytes, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public void Begin()
    {
        _bytes.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _group = null;
    }

    /// <summary>Begins a column's value, which the caller then writes.</summary>
    public Utf8JsonWriter Value(TableColumn column)
    {
        if (!ReferenceEquals(_group, column.Group) && _group != column.Group)
        {
            EndGroup();
            if ((_group = column.Group) is not null)
            {
                _json.WriteStartObject(_group);
            }
        }

        _json.WritePropertyName(column.Member);
        return _json;
    }

    /// <summary>A value that is missing: null, and absent where its object has other members.</summary>
    public void Missing(TableColumn column)
    {
        if (column.Group is null)
        {
            Value(column).WriteNullValue();
        }
    }

    /// <returns>The row, valid until the next begins.</returns>
    public ReadOnlySpan<byte> End()
    {
        EndGroup();
        _json.WriteEndObject();
        _json.Flush();
        return _bytes.WrittenSpan;
    }

    public void Dispose() => _json.Dispose();

    private void EndGroup()
    {
        if (_group is not null)
        {
            _json.WriteEndObject();
        }
    }
}
