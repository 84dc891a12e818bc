using System.Buffers;
using System.Text.Unicode;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>A JSON document whose values a source's pointers find: one pass over its bytes notes where each of them stands.</summary>
/// <remarks>
/// Rows are then written one by one as DriftMonitor's own JSON, values copied as they stand, so that the readers of that decide what they
/// are worth. A value that is found twice is <see cref="RejectionReason.DuplicateField"/>. What a record says of all its rows is copied
/// into each of them, so only short values of a record are. Keeps its memory for the next document. Not thread-safe; never throws for any
/// bytes.
/// </remarks>
internal sealed class MappedDocument
{
    private const int MaxSharedBytes = JsonNames.MaxJsonBytes + 2;

    /// <summary>The most bytes of what a record says that all its rows together may come to.</summary>
    private const int MaxCopiedBytes = 64 * 1024 * 1024;

    private readonly SourceSettings _source;
    private readonly PointerNode _record = new();
    private readonly PointerNode _row = new();
    private readonly byte[][] _names;
    private readonly int _idField;
    private readonly int _timeField;
    private readonly int _rowSlots;
    private readonly JsonSlice[] _ofRecord;
    private JsonSlice[] _ofRows = new JsonSlice[16];
    private byte[] _text = new byte[1024];
    private int _textLength;
    private int _documentLength;
    private readonly ArrayBufferWriter<byte> _json = new(1024);
    private readonly ArrayBufferWriter<byte> _unescaped = new();
    private readonly TextDocument _nested = new();
    private bool _hasRowsArray;
    private RejectionReason _problem;

    public MappedDocument(SourceSettings source)
    {
        _source = source;
        _names = [.. source.Map.Select(field => Encoding.UTF8.GetBytes($"\"{field.Field}\":"))];
        _idField = Array.FindIndex([.. source.Map], field => field.Field == "id");
        _timeField = Array.FindIndex([.. source.Map], field => field.Field == "ts");
        _rowSlots = source.Map.Length + 1; // the last one is the row itself
        _ofRecord = new JsonSlice[source.Map.Length + source.Only.Length + 1];
        for (var field = 0; field < source.Map.Length; field++)
        {
            var pointer = source.Map[field].Pointer;
            if (source.Rows is not null && !pointer.FromRecord)
            {
                _row.Add(pointer, field);
            }

            if (source.Rows is null || !SourceOptions.IsOutput(source.Map[field].Field))
            {
                _record.Add(pointer, field);
            }
        }

        for (var filter = 0; filter < source.Only.Length; filter++)
        {
            if (source.Only[filter].Pointer is { } pointer)
            {
                _record.Add(pointer, source.Map.Length + filter);
            }
        }

        if (source.Rows is { } rows)
        {
            _record.AddRows(rows);
        }
    }

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>Reads a document.</summary>
    public Reading Read(ReadOnlySpan<byte> utf8, out RejectionReason reason)
    {
        (_textLength, Count, _hasRowsArray, _problem) = (0, 0, false, RejectionReason.None);
        _ofRecord.AsSpan().Clear();
        if (!Utf8.IsValid(utf8)) // the reader does not look into strings
        {
            reason = RejectionReason.Malformed;
            return Reading.Rejected;
        }

        var start = Append(utf8);
        _documentLength = utf8.Length;
        try
        {
            ReadDocument(start, utf8.Length, _record, _ofRecord);
        }
        catch (JsonException)
        {
            reason = RejectionReason.Malformed;
            return Reading.Rejected;
        }

        if (!PassesFilters(out var isMissing))
        {
            reason = _problem;
            return reason == RejectionReason.Malformed && isMissing ? Reading.Rejected : Reading.Ignored; // it may stand in the damage
        }

        reason = _problem != RejectionReason.None ? _problem
            : _source.Rows is not null && !_hasRowsArray ? RejectionReason.MissingOutput
            : RejectionReason.None;
        Count = _source.Rows is null ? 1 : Count;
        reason = reason == RejectionReason.None && Count * (long)SharedBytes() > MaxCopiedBytes ? RejectionReason.TooLarge : reason;
        return reason != RejectionReason.None ? Reading.Rejected : Count == 0 ? Reading.Ignored : Reading.Rows;
    }

    /// <summary>Whether the map says where the time of the last <see cref="Row"/> stands, and there is none.</summary>
    public bool IsTimeMissing { get; private set; }

    /// <summary>A row as DriftMonitor's own JSON, valid until the next call.</summary>
    public ReadOnlySpan<byte> Row(int row)
    {
        var slots = _source.Rows is null ? _ofRecord.AsSpan(0, _rowSlots) : _ofRows.AsSpan(row * _rowSlots, _rowSlots);
        if (_source.Map.IsEmpty)
        {
            return _source.Rows is null ? _text.AsSpan(0, _documentLength) : TextOf(slots[^1]);
        }

        _json.ResetWrittenCount();
        IsTimeMissing = _timeField >= 0;
        for (var field = 0; field < _names.Length; field++)
        {
            var slice = slots[field];
            var isShared = _source.Rows is not null && !slice.HasValue;
            slice = isShared && SharedOf(field) is { HasValue: true } shared ? shared : slice;
            IsTimeMissing &= field != _timeField || !slice.HasValue;
            if (slice.Type != JsonTokenType.None) // a null says that a label is not known yet
            {
                _json.Write(_json.WrittenCount == 0 ? "{"u8 : ","u8);
                _json.Write(_names[field]);
                if (isShared && slice.HasValue && field == _idField && Count > 1)
                {
                    WriteIdOfRow(TextOf(slice), row);
                }
                else
                {
                    _json.Write(TextOf(slice));
                }
            }
        }

        _json.Write(_json.WrittenCount == 0 ? "{}"u8 : "}"u8);
        return _json.WrittenSpan;
    }

    private int SharedBytes()
    {
        var bytes = 0;
        for (var field = 0; _source.Rows is not null && field < _names.Length; field++)
        {
            bytes += SharedOf(field).Length;
        }

        return bytes;
    }

    /// <summary>What the record says of a field that a row does not: never an output, and nothing long.</summary>
    private JsonSlice SharedOf(int field) =>
        field == _idField && _ofRecord[field].Type is JsonTokenType.True or JsonTokenType.False ? default
        : _ofRecord[field] is { Type: not (JsonTokenType.StartArray or JsonTokenType.StartObject), Length: <= MaxSharedBytes } shared
            ? shared
            : default;

    private void WriteIdOfRow(ReadOnlySpan<byte> id, int row)
    {
        id = id[0] == '"' ? id[1..^1] : JsonNames.TryReadWhole(id, out var digits) ? digits : id;
        Span<byte> number = stackalloc byte[16];
        row.TryFormat(number, out var length, default, CultureInfo.InvariantCulture);
        _json.Write("\""u8);
        _json.Write(id);
        _json.Write("#"u8);
        _json.Write(number[..length]);
        _json.Write("\""u8);
    }

    private bool PassesFilters(out bool isMissing)
    {
        isMissing = false;
        for (var filter = 0; filter < _source.Only.Length; filter++)
        {
            var slice = _ofRecord[_source.Map.Length + filter];
            if (_source.Only[filter] is { Pointer: not null } only && !Passes(only, slice))
            {
                isMissing = !slice.HasValue;
                return false;
            }
        }

        return true;
    }

    private bool Passes(SourceFilter filter, JsonSlice slice)
    {
        if (!slice.HasValue)
        {
            return false;
        }

        var text = TextOf(slice);
        if (slice.Type == JsonTokenType.String)
        {
            text = text[1..^1];
            if (text.Contains((byte)'\\'))
            {
                var unescaped = new byte[text.Length];
                text = JsonNames.TryUnescape(text, unescaped, out var length) ? unescaped.AsSpan(0, length) : default;
            }
        }

        foreach (var value in filter.Values)
        {
            if (text.SequenceEqual(value.AsSpan()))
            {
                return true;
            }
        }

        return false;
    }

    private void ReadDocument(int start, int length, PointerNode node, Span<JsonSlice> slots)
    {
        var reader = new Utf8JsonReader(_text.AsSpan(start, length));
        reader.Read();
        ReadValue(ref reader, start, node, slots);
        while (reader.Read())
        {
            // To the end: whether it is JSON at all is known only there.
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, int origin, PointerNode node, Span<JsonSlice> slots)
    {
        var (start, type) = ((int)reader.TokenStartIndex, reader.TokenType);
        switch (type)
        {
            case JsonTokenType.StartObject when node.HasChildren:
                node.Forget();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var member = node.Find(in reader);
                    _problem = member?.IsSeenAgain() == true ? Worse(RejectionReason.DuplicateField) : _problem;
                    reader.Read();
                    ReadOrSkip(ref reader, origin, member, slots);
                }

                break;
            case JsonTokenType.StartArray when node.HasRows:
                ReadRows(ref reader, origin);
                break;
            case JsonTokenType.StartArray when node.HasChildren:
                for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                {
                    ReadOrSkip(ref reader, origin, node.Find(index), slots);
                }

                break;
            case JsonTokenType.String when node.Nested is { } nested:
                ReadNested(in reader, nested, slots);
                break;
            // no text, but as it would say
            case not JsonTokenType.String when node is { Nested: { } same, HasChildren: false, HasRows: false }:
                ReadValue(ref reader, origin, same, slots);
                break;
            default:
                reader.Skip();
                break;
        }

        var slice = new JsonSlice(origin + start, (int)reader.BytesConsumed - start, type);
        for (var i = 0; i < node.Slots.Count; i++)
        {
            slots[node.Slots[i]] = slice;
        }

        if (node.HasRows && type is not (JsonTokenType.StartArray or JsonTokenType.Null))
        {
            _problem = Worse(RejectionReason.WrongType);
        }
    }

    /// <summary>The first problem stays.</summary>
    private RejectionReason Worse(RejectionReason problem) => _problem == RejectionReason.None ? problem : _problem;

    private void ReadOrSkip(ref Utf8JsonReader reader, int origin, PointerNode? node, Span<JsonSlice> slots)
    {
        if (node is null)
        {
            reader.Skip();
        }
        else
        {
            ReadValue(ref reader, origin, node, slots);
        }
    }

    private void ReadRows(ref Utf8JsonReader reader, int origin)
    {
        _hasRowsArray = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Count == TensorRows.MaxRows || _problem != RejectionReason.None)
            {
                _problem = Worse(RejectionReason.TooLarge);
                reader.Skip();
                continue;
            }

            var end = (Count + 1) * _rowSlots;
            if (end > _ofRows.Length)
            {
                Array.Resize(ref _ofRows, Math.Max(2 * _ofRows.Length, end));
            }

            var slots = _ofRows.AsSpan(end - _rowSlots, _rowSlots);
            slots.Clear();
            var (start, type) = ((int)reader.TokenStartIndex, reader.TokenType);
            ReadValue(ref reader, origin, _row, slots);
            slots[^1] = new JsonSlice(origin + start, (int)reader.BytesConsumed - start, type);
            Count++;
        }
    }

    /// <summary>The document in a string is appended to the text, without the string's escapes.</summary>
    private void ReadNested(ref readonly Utf8JsonReader reader, PointerNode nested, Span<JsonSlice> slots)
    {
        var text = reader.ValueSpan;
        if (_problem == RejectionReason.Malformed)
        {
            return; // one exception a record
        }

        if (reader.ValueIsEscaped)
        {
            _unescaped.ResetWrittenCount();
            if (!JsonNames.TryUnescape(text, _unescaped.GetSpan(text.Length), out var length))
            {
                _problem = RejectionReason.Malformed;
                return;
            }

            _unescaped.Advance(length);
            text = _unescaped.WrittenSpan;
        }

        if (!_nested.TryRead(text, nested.HasRows, out var json))
        {
            _problem = RejectionReason.Malformed;
            return;
        }

        try
        {
            ReadDocument(Append(json), json.Length, nested, slots);
        }
        catch (JsonException)
        {
            _problem = RejectionReason.Malformed; // what filters say goes before it
        }
    }

    private ReadOnlySpan<byte> TextOf(JsonSlice slice) => _text.AsSpan(slice.Start, slice.Length);

    private int Append(ReadOnlySpan<byte> text)
    {
        var start = _textLength;
        if (_text.Length - start < text.Length)
        {
            Array.Resize(ref _text, Math.Max(2 * _text.Length, start + text.Length));
        }

        text.CopyTo(_text.AsSpan(start));
        _textLength += text.Length;
        return start;
    }
}
