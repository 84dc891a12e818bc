using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using DriftMonitor.Events;
using DriftMonitor.Feedback;

namespace DriftMonitor.Worker.Messages;

/// <summary>Feedback as JSON: a label, and the id of its prediction or the prediction itself.</summary>
/// <remarks>
/// <c>label</c> (a class's name, or a whole number as its name), <c>label_index</c>, or <c>labels</c> (class → probability). A record with an output
/// form of predictions carries its own prediction, which is read by the decoder of predictions, without the labels. Never throws, whatever
/// the bytes. A record without a label, or without both an id and an output, is a missing output; one with two labels has several. Not safe
/// for concurrent use.
/// </remarks>
internal sealed class FeedbackJsonDecoder(PredictionDecoder predictions, PredictionDecoderSettings settings, string? modelOfTopic)
{
    private readonly PredictionRecord _prediction = new();
    private readonly ArrayBufferWriter<byte> _rest = new();
    private readonly char[] _text = new char[JsonNames.MaxJsonBytes];
    private string? _model;
    private string? _id;
    private long? _timeMs;
    private string? _class;
    private int? _index;
    private ImmutableArray<KeyValuePair<string, double>> _shares;
    private int _labels;
    private bool _carriesPrediction;
    private RejectionReason _problem;

    /// <summary>Reads one record's value.</summary>
    /// <param name="utf8">The value.</param>
    /// <param name="recordKey">The record's key, empty for none: the model of payloads that name none, where the topic has none either.</param>
    public FeedbackRecord Decode(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> recordKey)
    {
        if (utf8.IsEmpty || utf8.Length > settings.MaxBytes)
        {
            return FeedbackRecord.Rejected(utf8.IsEmpty ? RejectionReason.Empty : RejectionReason.TooLarge);
        }

        if (!Utf8.IsValid(utf8))
        {
            return FeedbackRecord.Rejected(RejectionReason.Malformed);
        }

        try
        {
            Read(utf8);
        }
        catch (JsonException)
        {
            return FeedbackRecord.Rejected(RejectionReason.Malformed);
        }
        catch (InvalidOperationException) // half a surrogate pair
        {
            return FeedbackRecord.Rejected(RejectionReason.Malformed);
        }

        return _problem == RejectionReason.None ? Record(recordKey) : FeedbackRecord.Rejected(_problem);
    }

    private FeedbackRecord Record(ReadOnlySpan<byte> recordKey)
    {
        var model = _model ?? modelOfTopic ?? (Utf8.IsValid(recordKey) && !recordKey.IsEmpty ? System.Text.Encoding.UTF8.GetString(recordKey) : null);
        var problem = model is null ? RejectionReason.MissingModel
            : !JsonNames.IsLabel(model) ? RejectionReason.InvalidName
            : _labels == 0 ? RejectionReason.MissingOutput
            : _labels > 1 ? RejectionReason.SeveralOutputs
            : !_carriesPrediction && _id is null ? RejectionReason.MissingOutput
            : RejectionReason.None;
        if (problem != RejectionReason.None)
        {
            return FeedbackRecord.Rejected(problem);
        }

        var label = new FeedbackLabel(0, 0, _class, _index, _shares);
        if (!_carriesPrediction)
        {
            return new FeedbackRecord(RejectionReason.None, model!, _id, label, _timeMs, null);
        }

        predictions.Decode(_rest.WrittenSpan, model, default, _prediction);
        return _prediction.Rejection != RejectionReason.None
            ? FeedbackRecord.Rejected(_prediction.Rejection)
            : new FeedbackRecord(
                RejectionReason.None,
                model!,
                null,
                label,
                _timeMs,
                new JoinedPrediction(0, 0, _prediction.Segment?.Segment, _prediction.Classes.Space, _prediction.Probabilities.ToArray()));
    }

    private void Read(ReadOnlySpan<byte> utf8)
    {
        (_model, _id, _timeMs, _class, _index, _shares) = (null, null, null, null, null, []);
        (_labels, _carriesPrediction, _problem) = (0, false, RejectionReason.None);
        _rest.ResetWrittenCount();
        _rest.Write("{"u8);
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse(RejectionReason.NotAnObject);
            reader.Skip();
            reader.Read(); // throws on what comes after it
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isLabel = reader.ValueTextEquals("label"u8) || reader.ValueTextEquals("labels"u8) || reader.ValueTextEquals("label_index"u8);
            ReadField(ref reader);
            if (!isLabel)
            {
                _rest.Write(_rest.WrittenCount > 1 ? ","u8 : ""u8);
                _rest.Write(utf8[start..(int)reader.BytesConsumed]);
            }
        }

        reader.Read();
        _rest.Write("}"u8);
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("label_index"u8))
        {
            reader.Read();
            ReadIndex(ref reader);
            return;
        }

        if (reader.ValueTextEquals("labels"u8))
        {
            reader.Read();
            ReadShares(ref reader);
            return;
        }

        var field = PredictionFields.Of(in reader);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        switch (field)
        {
            case PredictionField.Model:
                _model = Text(ref reader);
                break;
            case PredictionField.Id:
                _id = JsonNames.TryReadId(ref reader, _text, out var length) ? _text.AsSpan(0, length).ToString() : null;
                break;
            case PredictionField.Timestamp when JsonTimestamp.TryRead(in reader, out var epochMs):
                _timeMs = epochMs;
                break;
            case PredictionField.Timestamp:
                Refuse(RejectionReason.InvalidTimestamp);
                reader.Skip();
                break;
            case PredictionField.Label:
                _labels++;
                _class = ReadClass(ref reader);
                break;
            default:
                _carriesPrediction |= (field & PredictionField.Outputs) != 0;
                reader.Skip();
                break;
        }
    }

    private string ReadClass(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && JsonNames.TryReadId(ref reader, _text, out var length))
        {
            return _text.AsSpan(0, length).ToString();
        }

        return Text(ref reader);
    }

    private void ReadIndex(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        _labels++;
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var index) && index >= 0)
        {
            _index = index;
        }
        else
        {
            Refuse(RejectionReason.WrongType);
            reader.Skip();
        }
    }

    private void ReadShares(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        _labels++;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse(RejectionReason.WrongType);
            reader.Skip();
            return;
        }

        var shares = new SortedDictionary<string, double>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number)
            {
                Refuse(RejectionReason.WrongType);
                reader.Skip();
            }
            else if (name.Length > 0 && !shares.TryAdd(name, JsonNumbers.Parse(reader.ValueSpan)))
            {
                Refuse(RejectionReason.DuplicateField);
            }
        }

        var values = shares.Values.ToArray();
        Refuse(values.Length == 0 ? RejectionReason.WrongArity : Distributions.Simplex.Normalise(values, settings.SumTolerance));
        _shares = [.. shares.Keys.Zip(values, KeyValuePair.Create)];
    }

    private string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
        {
            Refuse(JsonNames.Copy(in reader, _text, out var text));
            return text.ToString();
        }

        Refuse(RejectionReason.WrongType);
        reader.Skip();
        return "";
    }

    private void Refuse(RejectionReason reason)
    {
        if (_problem == RejectionReason.None)
        {
            _problem = reason;
        }
    }
}
