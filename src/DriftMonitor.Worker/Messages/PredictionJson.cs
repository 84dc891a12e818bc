using System.Numerics;
using System.Text.Json;
using System.Text.Unicode;
using DriftMonitor.Events;

namespace DriftMonitor.Worker.Messages;

/// <summary>What one prediction's JSON says, before its model and its class space are known.</summary>
/// <remarks>
/// One pass. <see cref="RejectionReason.Malformed"/> goes before every other reason, wherever in the payload: any other says that the payload is JSON.
/// Of several other reasons the first holds. A field that is null is as good as absent. A byte order mark is no JSON (RFC 8259, section 8.1).
/// </remarks>
internal ref struct PredictionJson
{
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly PredictionBuffers _buffers;
    private Utf8JsonReader _reader;
    private int _readerStart; // where in _utf8 the reader's own bytes begin
    private PredictionField _seen;
    private RejectionReason _problem;

    public PredictionJson(ReadOnlySpan<byte> utf8, PredictionBuffers buffers)
    {
        _utf8 = utf8;
        _buffers = buffers;
        _reader = new Utf8JsonReader(utf8);
    }

    /// <summary>The model's name as UTF-8 text, empty for none.</summary>
    public ReadOnlySpan<byte> Model { get; private set; }

    /// <summary>The segment, empty for none.</summary>
    public ReadOnlySpan<char> Segment { get; private set; }

    public long? TimeMs { get; private set; }

    /// <summary>The output form, whose numbers are in the buffers' <see cref="PredictionBuffers.Output"/>.</summary>
    public PredictionField Form { get; private set; }

    /// <summary>Reads the payload.</summary>
    /// <returns><see cref="RejectionReason.None"/>, or why it is no prediction. It never throws.</returns>
    public RejectionReason Read()
    {
        if (!Utf8.IsValid(_utf8)) // the reader does not look into strings
        {
            return RejectionReason.Malformed;
        }

        try
        {
            ReadDocument();
        }
        catch (JsonException)
        {
            return RejectionReason.Malformed;
        }

        return _problem != RejectionReason.None ? _problem
            : Form == PredictionField.Unknown ? RejectionReason.MissingOutput
            : !BitOperations.IsPow2((int)Form) ? RejectionReason.SeveralOutputs
            : (Form & PredictionField.Unsupported) != 0 ? RejectionReason.UnsupportedOutput
            : RejectionReason.None;
    }

    private void ReadDocument()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse(RejectionReason.NotAnObject);
        }

        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = PredictionFields.Of(in _reader);
            _reader.Read();
            if ((_seen & field) != 0)
            {
                Refuse(RejectionReason.DuplicateField);
            }
            else if (field == PredictionField.Unknown || _reader.TokenType == JsonTokenType.Null)
            {
                _reader.Skip();
            }
            else
            {
                ReadField(field);
            }

            _seen |= field;
        }

        while (_reader.Read())
        {
            // To the end, even if there is a reason already: whether it is JSON at all is known only there.
        }
    }

    private void ReadField(PredictionField field)
    {
        switch (field)
        {
            case PredictionField.Model:
                ReadModel();
                break;
            case PredictionField.Timestamp:
                ReadTimestamp();
                break;
            case PredictionField.Segment:
                ReadSegment();
                break;
            case PredictionField.Id: // joins feedback to predictions; a window does not need it
                _reader.Skip();
                break;
            default:
                ReadOutput(field);
                break;
        }
    }

    private void ReadModel()
    {
        var name = _reader.ValueSpan;
        if (_reader.TokenType != JsonTokenType.String)
        {
            Refuse(RejectionReason.WrongType);
        }
        else if (name.Length is 0 or > JsonNames.MaxJsonBytes)
        {
            Refuse(RejectionReason.InvalidName);
        }
        else if (!_reader.ValueIsEscaped)
        {
            Model = name;
        }
        else if (JsonNames.TryUnescape(in _reader, _buffers.Model, out var length))
        {
            Model = _buffers.Model.AsSpan(0, length);
        }
        else
        {
            Refuse(RejectionReason.Malformed);
        }
    }

    private void ReadTimestamp()
    {
        if (JsonTimestamp.TryRead(in _reader, out var epochMs))
        {
            TimeMs = epochMs;
        }
        else
        {
            Refuse(RejectionReason.InvalidTimestamp);
        }
    }

    private void ReadSegment()
    {
        if (_reader.TokenType != JsonTokenType.String)
        {
            Refuse(RejectionReason.WrongType);
            return;
        }

        var problem = JsonNames.Copy(in _reader, _buffers.Segment, out var name);
        if (problem == RejectionReason.None && (!JsonNames.IsLabel(name) || name is SeriesKey.All))
        {
            problem = RejectionReason.InvalidName;
        }

        Segment = _buffers.Segment.AsSpan(0, name.Length);
        Refuse(problem);
    }

    private void ReadOutput(PredictionField form)
    {
        var first = Form == PredictionField.Unknown;
        Form |= form;
        if (!first || (form & PredictionField.Unsupported) != 0)
        {
            _reader.Skip(); // the reason is known only when the fields all are
        }
        else if (form == PredictionField.Label)
        {
            ReadLabel();
        }
        else if (_reader.TokenType == JsonTokenType.StartArray)
        {
            ReadArray();
        }
        else if (_reader.TokenType == JsonTokenType.StartObject)
        {
            ReadObject();
        }
        else
        {
            Refuse(RejectionReason.WrongType);
        }
    }

    /// <remarks>
    /// The fast way reads up to the closing bracket, and a reader that stands behind the opening one goes on from there: to it the
    /// array is empty.
    /// </remarks>
    private void ReadArray()
    {
        var start = _readerStart + (int)_reader.BytesConsumed;
        _buffers.Output.Clear(named: false);
        if (JsonNumbers.TryReadArray(_utf8[start..], _buffers.Output, out var end))
        {
            _readerStart = start + end;
            _reader = new Utf8JsonReader(_utf8[_readerStart..], isFinalBlock: true, _reader.CurrentState);
            _reader.Read();
            return;
        }

        _buffers.Output.Clear(named: false);
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.Number)
            {
                Refuse(RejectionReason.WrongType);
            }
            else if (!_buffers.Output.TryAdd(JsonNumbers.Parse(_reader.ValueSpan)))
            {
                Refuse(RejectionReason.TooManyClasses);
            }
        }
    }

    private void ReadObject()
    {
        _buffers.Output.Clear(named: true);
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            Refuse(JsonNames.Copy(in _reader, _buffers.ClassName, out var name));
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.Number)
            {
                Refuse(RejectionReason.WrongType);
            }
            else if (_problem == RejectionReason.None)
            {
                Refuse(_buffers.Output.Add(name, JsonNumbers.Parse(_reader.ValueSpan)));
            }
        }
    }

    private void ReadLabel()
    {
        _buffers.Output.Clear(named: true);
        if (_reader.TokenType == JsonTokenType.String)
        {
            Refuse(JsonNames.Copy(in _reader, _buffers.ClassName, out var name));
            _buffers.Output.Add(name, 1);
        }
        else if (_reader.TokenType != JsonTokenType.Number || _reader.ValueSpan.ContainsAny(".eE"u8))
        {
            Refuse(RejectionReason.WrongType);
        }
        else if (_reader.ValueSpan.Length > JsonNames.MaxLength)
        {
            Refuse(RejectionReason.InvalidName);
        }
        else
        {
            var integer = _reader.ValueSpan.SequenceEqual("-0"u8) ? "0"u8 : _reader.ValueSpan;
            Utf8.ToUtf16(integer, _buffers.ClassName, out _, out var length);
            _buffers.Output.Add(_buffers.ClassName.AsSpan(0, length), 1);
        }
    }

    private void Refuse(RejectionReason reason)
    {
        if (_problem == RejectionReason.None)
        {
            _problem = reason;
        }
    }
}
