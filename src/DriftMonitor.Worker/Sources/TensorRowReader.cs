using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>The rows of a model server's response, in JSON, with binary tensors or in protobuf.</summary>
internal sealed class TensorRowReader(PredictionFormat format) : IRowReader
{
    private readonly TensorRows _rows = new();

    public int Count => _rows.Count;

    public Reading Begin(ReadOnlySpan<byte> payload, Headers? headers, out RejectionReason reason)
    {
        reason = _rows.Read(payload, headers, format);
        return reason == RejectionReason.None ? Reading.Rows : Reading.Rejected;
    }

    public void Restart() => _rows.Restart();

    public bool TryNext(PredictionBuffers buffers, ref ParsedPrediction row, out RejectionReason reason) =>
        _rows.TryNext(buffers, ref row, out reason);
}
