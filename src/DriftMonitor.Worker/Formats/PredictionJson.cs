using System.Numerics;
using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>What one prediction's JSON says, before its model and its class space are known.</summary>
/// <remarks>
/// One pass. <see cref="RejectionReason.Malformed"/> goes before every other reason, wherever in the payload: any other says that the
/// payload is JSON. Of several other reasons the first holds. A field that is null is as good as absent. A byte order mark is no JSON (RFC
/// 8259, section 8.1).
/// </remarks>
internal ref partial struct PredictionJson
{
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly PredictionBuffers _buffers;
    private readonly PredictionField _ignored;
    private readonly TimeForm _times;
    private Utf8JsonReader _reader;
    private int _readerStart; // where in _utf8 the reader's own bytes begin
    private ParsedPrediction _parsed;
    private PredictionField _seen;
    private RejectionReason _problem;

    public PredictionJson(
        ReadOnlySpan<byte> utf8, PredictionBuffers buffers, PredictionField ignored = PredictionField.Unknown, TimeForm times = default)
    {
        (_ignored, _times) = (ignored, times);
        _utf8 = utf8;
        _buffers = buffers;
        _reader = new Utf8JsonReader(utf8);
    }

    public readonly ParsedPrediction Parsed => _parsed;

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
            : _parsed.Form == PredictionField.Unknown ? RejectionReason.MissingOutput
            : !BitOperations.IsPow2((int)_parsed.Form) ? RejectionReason.SeveralOutputs
            : RejectionReason.None;
    }

    private void ReadDocument()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse(RejectionReason.NotAnObject);
        }

        var field = PredictionField.Unknown;
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            field = PredictionFields.Of(in _reader) & ~_ignored;
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

        _parsed.Refused = _problem == RejectionReason.None ? PredictionField.Unknown : field;
        while (_reader.Read())
        {
            // To the end, even if there is a reason already: whether it is JSON at all is known only there, and perhaps whose it is.
            if (_reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName }
                && _parsed.Model.IsEmpty
                && PredictionFields.Of(in _reader) == PredictionField.Model)
            {
                _reader.Read();
                ReadModel();
            }
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
                _parsed.Segment = ReadSlice(field, _buffers.Segment);
                break;
            case PredictionField.Version:
                _parsed.Version = ReadSlice(field, _buffers.Version);
                break;
            case PredictionField.Id: // joins feedback to predictions; a window does not need it
                ReadId();
                break;
            default:
                ReadOutput(field);
                break;
        }
    }

    private void ReadModel()
    {
        Refuse(JsonNames.CopyUtf8(in _reader, _buffers.Model, out var model));
        _parsed.Model = model;
    }

    /// <summary>One that cannot be read is none: no feedback will find the prediction, and it counts all the same.</summary>
    private void ReadId()
    {
        if (JsonNames.TryReadId(ref _reader, _buffers.Id, out var length))
        {
            _parsed.Id = _buffers.Id.AsSpan(0, length);
        }
    }

    /// <summary>One that cannot be read does not cost the prediction: the record's own time tells.</summary>
    private void ReadTimestamp()
    {
        if (JsonTimestamp.TryRead(in _reader, _times, out var epochMs))
        {
            _parsed.TimeMs = epochMs;
        }
        else
        {
            _parsed.FallenBack |= PredictionField.Timestamp;
            _reader.Skip();
        }
    }

    /// <summary>
    /// Likewise a segment or a version: without one that can be shown the prediction does not count there. An empty version is none.
    /// </summary>
    private ReadOnlySpan<char> ReadSlice(PredictionField field, char[] buffer)
    {
        if (field == PredictionField.Version && _reader is { TokenType: JsonTokenType.String, ValueSpan.IsEmpty: true })
        {
            return [];
        }

        var problem = JsonNames.CopyText(in _reader, buffer, out var name);
        if (problem == RejectionReason.Malformed)
        {
            Refuse(problem);
        }
        else if (problem == RejectionReason.None
            && (field == PredictionField.Version ? JsonNames.IsVersion(name) : JsonNames.IsSegment(name)))
        {
            return buffer.AsSpan(0, name.Length);
        }
        else
        {
            _parsed.FallenBack |= field;
            _reader.Skip();
        }

        return [];
    }

    private void Refuse(RejectionReason reason)
    {
        if (_problem == RejectionReason.None)
        {
            _problem = reason;
        }
    }
}
