using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>Feedback as JSON: a label, and the id of its prediction or the prediction itself.</summary>
/// <remarks>
/// <c>label</c> (a class's name, or a number or a boolean as its name), <c>label_index</c>, or <c>labels</c>: class → its probability or
/// truth, the truths by position, or the names of the classes that hold. What it says of a model follows from the prediction's classes
/// (<see cref="LabelTruths"/>), not from those known when it is read. A record with an output form of predictions carries its own
/// prediction, which is read by the decoder of predictions, without the labels; it must be a distribution over classes. Never throws,
/// whatever the bytes. A record whose label is null is not labelled yet: it is ignored. One without a label, or without both an id and an
/// output, is a missing output; one with two labels has several. Not safe for concurrent use.
/// </remarks>
internal sealed class FeedbackJsonDecoder(
    PredictionDecoder predictions, PredictionDecoderSettings settings, string? modelOfTopic, TimeForm times = default)
{
    private readonly PredictionRecord _prediction = new();
    private readonly JsonLabel _label = new(settings.SumTolerance);
    private readonly char[] _text = new char[JsonNames.MaxLength];
    private string? _model;
    private string? _id;
    private long? _timeMs;
    private bool _carriesPrediction;
    private PredictionField _seen;
    private bool _isUnlabelled;
    private RejectionReason _problem;

    /// <summary>The fields of the last record besides its label that could not be read; it counts without them.</summary>
    public PredictionField FallenBack { get; private set; }

    /// <summary>The model that the last record names, if it is admitted; else null.</summary>
    /// <param name="recordKey">As for <see cref="Decode"/>.</param>
    public WatchedModel? KnownModel(ReadOnlySpan<byte> recordKey) =>
        _model is null ? predictions.Known([], modelOfTopic, recordKey) : predictions.Known(_model);

    /// <summary>Forgets the last record.</summary>
    public void Clear() => (_model, FallenBack) = (null, PredictionField.Unknown);

    /// <summary>Reads one record's value.</summary>
    /// <param name="modelOfRecord">The model that the record names beside its value, UTF-8; empty for none.</param>
    /// <param name="recordKey">The record's key, empty for none: the model where neither the payload nor the topic names one.</param>
    public FeedbackRecord Decode(
        ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> recordKey, ReadOnlySpan<byte> modelOfRecord = default)
    {
        Clear();
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

        return _problem == RejectionReason.None ? Record(utf8, recordKey, modelOfRecord) : FeedbackRecord.Rejected(_problem);
    }

    private FeedbackRecord Record(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> recordKey, ReadOnlySpan<byte> modelOfRecord)
    {
        if (_label.Count == 0 && _isUnlabelled)
        {
            return FeedbackRecord.Ignored;
        }

        var named = _model ?? TextOf(modelOfRecord) ?? modelOfTopic ?? TextOf(recordKey);
        var problem = named is null ? RejectionReason.MissingModel
            : !JsonNames.IsLabel(named) ? RejectionReason.InvalidName
            : _label.Count == 0 ? RejectionReason.MissingOutput
            : _label.Count > 1 ? RejectionReason.SeveralOutputs
            : !_carriesPrediction && _id is null ? RejectionReason.MissingOutput
            : RejectionReason.None;
        if (problem != RejectionReason.None)
        {
            return FeedbackRecord.Rejected(problem);
        }

        var model = predictions.ModelOf(named!);
        if (!_carriesPrediction)
        {
            return new FeedbackRecord(RejectionReason.None, model, _id, _label.Label, _timeMs, null);
        }

        predictions.DecodeBesideLabel(utf8, named!, _prediction);
        return _prediction.Rejection != RejectionReason.None ? FeedbackRecord.Rejected(_prediction.Rejection)
            : !_prediction.TakesLabels ? FeedbackRecord.Rejected(RejectionReason.FormMismatch)
            : new FeedbackRecord(
                RejectionReason.None,
                model,
                null,
                _label.Label,
                _timeMs,
                JoinedPrediction.Create(_prediction));
    }

    private static string? TextOf(ReadOnlySpan<byte> name) =>
        Utf8.IsValid(name) && !name.IsEmpty ? System.Text.Encoding.UTF8.GetString(name) : null;

    private void Read(ReadOnlySpan<byte> utf8)
    {
        (_id, _timeMs, _carriesPrediction, _isUnlabelled, _problem) = (null, null, false, false, RejectionReason.None);
        _seen = PredictionField.Unknown;
        _label.Clear();
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _problem = RejectionReason.NotAnObject;
        }

        while (_problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadField(ref reader);
        }

        while (reader.Read())
        {
            // To the end, even if there is a reason already: whether it is JSON at all is known only there, and perhaps whose it is.
            if (reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName }
                && _model is null
                && PredictionFields.Of(in reader) == PredictionField.Model)
            {
                reader.Read();
                JsonLabel.ReadName(in reader, _text, out _model);
            }
        }
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        var (isIndex, areTruths) = (JsonNames.Is(in reader, "label_index"u8), JsonNames.Is(in reader, "labels"u8));
        var field = PredictionFields.Of(in reader);
        var isLabel = isIndex || areTruths || field == PredictionField.Label;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            _isUnlabelled |= isLabel;
            return;
        }

        if (isLabel)
        {
            _problem = _label.SkipsAnother(ref reader) ? RejectionReason.None
                : isIndex ? _label.ReadIndex(ref reader)
                : areTruths ? _label.ReadTruths(ref reader)
                : _label.ReadClass(ref reader);
            return;
        }

        if ((_seen & field) != 0)
        {
            _problem = RejectionReason.DuplicateField;
            return;
        }

        _seen |= field;
        switch (field)
        {
            case PredictionField.Model:
                _problem = JsonLabel.ReadName(in reader, _text, out _model);
                break;
            case PredictionField.Id:
                _id = JsonNames.TryReadId(ref reader, _text, out var length) ? _text.AsSpan(0, length).ToString() : null;
                break;
            case PredictionField.Timestamp when JsonTimestamp.TryRead(in reader, times, out var epochMs):
                _timeMs = epochMs;
                break;
            case PredictionField.Timestamp:
                FallenBack |= PredictionField.Timestamp;
                reader.Skip();
                break;
            default:
                _carriesPrediction |= (field & PredictionField.Outputs) != 0;
                reader.Skip();
                break;
        }
    }
}
