using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>Turns the records of a source of labels into labels: none, one or several a record.</summary>
/// <remarks>As <see cref="PredictionReader"/>: all of a record's rows or none. Never throws. Not thread-safe.</remarks>
/// <param name="source">The source.</param>
/// <param name="decoder">Reads labels in DriftMonitor's own JSON.</param>
/// <param name="maxBytes">The most bytes that a value may have, with and without its frames.</param>
/// <param name="onFault">Called with what the decoder throws, which it should not; the record is then malformed.</param>
internal sealed class LabelReader(SourceSettings source, FeedbackJsonDecoder decoder, int maxBytes, Action<Exception>? onFault = null)
{
    private readonly RecordOpener _opener = new(source, maxBytes);
    private readonly MappedDocument? _document = source.LooksIntoPayload ? new MappedDocument(source) : null;
    private readonly List<FeedbackRecord> _labels = [];
    private readonly List<PredictionField> _fallenBack = [];

    /// <summary>The fields of each label of the last record that could not be read; the record's own time tells theirs.</summary>
    public IReadOnlyList<PredictionField> FallenBack => _fallenBack;

    /// <summary>The model of the last record where that is ignored or rejected and its model is known, else null.</summary>
    public WatchedModel? Model { get; private set; }

    /// <summary>The frame that the last record seems to have and its source does not declare, null for none.</summary>
    public SourceFrame? Undeclared { get; private set; }

    /// <summary>Where the source's map says that what a label is rejected for stands; null where that cannot be said.</summary>
    public string? PlaceOf(RejectionReason reason) => reason switch
    {
        RejectionReason.MissingModel or RejectionReason.InvalidName => Place("model"),
        RejectionReason.InvalidTimestamp or RejectionReason.Late or RejectionReason.Future => Place("ts"),
        RejectionReason.MissingOutput or RejectionReason.SumNotOne or RejectionReason.ProbabilityOutOfRange => Place("label"),
        _ => null,
    };

    private string? Place(string field)
    {
        foreach (var mapped in source.Map)
        {
            if (mapped.Field.StartsWith(field, StringComparison.Ordinal))
            {
                return mapped.Pointer.Text;
            }
        }

        return null;
    }

    /// <summary>Of the record that was read last, the labels of some rows, numbered anew: the first is 0.</summary>
    /// <returns>Valid until the next call.</returns>
    public IReadOnlyList<FeedbackRecord> Keep(IReadOnlySet<int> rows)
    {
        if (_labels.Count > 1)
        {
            var kept = _labels.Zip(_fallenBack).Where((_, row) => rows.Contains(row)).ToArray();
            _labels.Clear();
            _fallenBack.Clear();
            _labels.AddRange(kept.Select((label, row) => label.First with { Row = row }));
            _fallenBack.AddRange(kept.Select(label => label.Second));
        }

        return _labels;
    }

    /// <summary>Reads a record: its labels, or one record that says that it is ignored or why it is rejected.</summary>
    /// <returns>Valid until the next call.</returns>
    public IReadOnlyList<FeedbackRecord> Read(ReadOnlySpan<byte> value, bool isNull, Headers? headers, ReadOnlySpan<byte> key)
    {
        _labels.Clear();
        _fallenBack.Clear();
        (Undeclared, Model) = (null, null);
        try
        {
            decoder.Clear();
            var reading = _opener.Open(value, isNull, headers, out var payload, out var reason);
            if (reading == Reading.Rows && _document is not null)
            {
                reading = _document.Read(payload, out reason);
            }

            for (var row = 0; reading == Reading.Rows && row < (_document?.Count ?? 1); row++)
            {
                var label = decoder.Decode(_document is null ? payload : _document.Row(row), key, _opener.Facts.Model);
                reason = label.Rejection;
                reading = reason == RejectionReason.None ? reading : Reading.Rejected;
                var timeIsLost = label.PayloadTimeMs is null
                    && (_opener.Facts.HasUnreadableTime || (_opener.Facts.TimeMs is null && _document?.IsTimeMissing == true));
                var lost = decoder.FallenBack | (timeIsLost ? PredictionField.Timestamp : PredictionField.Unknown);
                _fallenBack.Add(label.IsIgnored ? PredictionField.Unknown : lost);
                _labels.Add(label with { Row = row, PayloadTimeMs = label.PayloadTimeMs ?? _opener.Facts.TimeMs });
            }

            if (reading == Reading.Rows)
            {
                return _labels;
            }

            Model = decoder.KnownModel(key);
            _fallenBack.Clear();
            Undeclared = reading == Reading.Rejected ? UndeclaredFrame.Find(payload, reason) : null;
            reason = Undeclared is null ? reason : RejectionReason.UndeclaredFrame;
            _labels.Clear();
            _labels.Add(reading == Reading.Ignored ? FeedbackRecord.Ignored : FeedbackRecord.Rejected(reason));
        }
        catch (Exception problem) when (problem is not SchemaRegistryUnavailable) // which the record waits for
        {
            onFault?.Invoke(problem);
            _labels.Clear();
            _labels.Add(FeedbackRecord.Rejected(RejectionReason.Malformed));
        }

        return _labels;
    }
}
