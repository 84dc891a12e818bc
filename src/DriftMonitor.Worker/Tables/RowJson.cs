using System.Buffers;
using System.Text.Encodings.Web;

namespace DriftMonitor.Worker.Tables;

/// <summary>Writes rows of a table as JSON, one after the other into the same memory.</summary>
internal sealed class RowJson : IDisposable
{
    private const string OfIndependent = "multilabel";

    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private readonly Utf8JsonWriter _json;
    private string? _group;
    private bool _hasMembers; // the group

    public RowJson() => _json = new Utf8JsonWriter(
        _bytes, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public void Begin()
    {
        _bytes.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        (_group, _hasMembers) = (null, false);
    }

    /// <summary>Begins a column's value, which the caller then writes.</summary>
    public Utf8JsonWriter Value(TableColumn column)
    {
        Enter(column.Group);
        if (_group is not null && !_hasMembers)
        {
            _json.WriteStartObject(_group);
            _hasMembers = true;
        }

        _json.WritePropertyName(column.Member);
        return _json;
    }

    /// <summary>
    /// A value that is missing: null, and absent where its object has other members, unless these are classes that hold or not by
    /// themselves, of which an absent one does not hold. An object without members is null.
    /// </summary>
    public void Missing(TableColumn column)
    {
        if (column.Group is null or OfIndependent)
        {
            Value(column).WriteNullValue();
        }
        else
        {
            Enter(column.Group);
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

    private void Enter(string? group)
    {
        if (!ReferenceEquals(_group, group) && _group != group)
        {
            EndGroup();
            (_group, _hasMembers) = (group, false);
        }
    }

    private void EndGroup()
    {
        if (_hasMembers)
        {
            _json.WriteEndObject();
        }
        else if (_group is not null)
        {
            _json.WriteNull(_group);
        }
    }
}
