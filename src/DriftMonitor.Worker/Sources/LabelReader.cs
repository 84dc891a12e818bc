using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

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

    /// <summary>How many labels of the last record have a time that could not be read; the record's own time tells theirs.</summary>
    public int FallenBack { get; private set; }

    /// <summary>The frame that the last record seems to have and its source does not declare, null for none.</summary>
    public SourceFrame? Undeclared { get; private set; }

    /// <summary>Reads a record: its labels, or one record that says that it is ignored or why it is rejected.</summary>
    /// <returns>Valid until the next call.</returns>
    public IReadOnlyList<FeedbackRecord> Read(ReadOnlySpan<byte> value, bool isNull, Headers? headers, ReadOnlySpan<byte> key)
    {
        _labels.Clear();
        (FallenBack, Undeclared) = (0, null);
        try
        {
            var reading = _opener.Open(value, isNull, headers, out var payload, out var reason);
            if (reading == Reading.Rows && _document is not null)
            {
                reading = _document.Read(payload, out reason);
            }

            for (var row = 0; reading == Reading.Rows && row < (_document?.Count ?? 1); row++)
            {
                var label = decoder.Decode(_document is null ? payload : _document.Row(row), key);
                reason = label.Rejection;
                reading = reason == RejectionReason.None ? reading : Reading.Rejected;
                FallenBack += !label.IsIgnored && (decoder.FallenBack != PredictionField.Unknown || _document?.IsTimeMissing == true)
                    ? 1
                    : 0;
                _labels.Add(row == 0 ? label : label with { Row = row });
            }

            if (reading == Reading.Rows)
            {
                return _labels;
            }

            Undeclared = reading == Reading.Rejected ? UndeclaredFrame.Find(payload, reason) : null;
            reason = Undeclared is null ? reason : RejectionReason.UndeclaredFrame;
            _labels.Clear();
            _labels.Add(reading == Reading.Ignored ? FeedbackRecord.Ignored : FeedbackRecord.Rejected(reason));
        }
        catch (Exception problem)
        {
            onFault?.Invoke(problem);
            _labels.Clear();
            _labels.Add(FeedbackRecord.Rejected(RejectionReason.Malformed));
        }

        return _labels;
    }
}
