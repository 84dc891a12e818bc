using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>The rows that a source's map finds in JSON. Not thread-safe.</summary>
internal sealed class MappedRows(SourceSettings source) : IRowReader
{
    private readonly MappedDocument _document = new(source);
    private int _next;

    public int Count => _document.Count;

    public Reading Begin(ReadOnlySpan<byte> payload, Headers? headers, out RejectionReason reason)
    {
        _next = 0;
        return _document.Read(payload, out reason);
    }

    public void Restart() => _next = 0;

    public bool TryNext(PredictionBuffers buffers, ref ParsedPrediction row, out RejectionReason reason)
    {
        reason = RejectionReason.None;
        if (_next == Count)
        {
            return false;
        }

        var json = new PredictionJson(_document.Row(_next++), buffers, times: source.Format.Times);
        reason = json.Read();
        row = json.Parsed;
        row.FallenBack |= _document.IsTimeMissing ? PredictionField.Timestamp : PredictionField.Unknown;
        return true;
    }
}
