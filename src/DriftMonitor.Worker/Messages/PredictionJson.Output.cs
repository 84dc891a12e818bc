using System.Text.Json;
using System.Text.Unicode;
using DriftMonitor.Events;

namespace DriftMonitor.Worker.Messages;

/// <content>The output forms: numbers in class order, numbers by class name, or one class.</content>
internal ref partial struct PredictionJson
{
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
}
