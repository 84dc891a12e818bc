using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>The rows of a model server's tensors: responses of KServe's protocol v2, in JSON or as a message. Not thread-safe.</summary>
internal sealed class TensorResponses(PredictionFormat format) : IRowReader
{
    private readonly TensorRows _rows = new();
    private readonly byte[] _output = Encoding.UTF8.GetBytes(format.Output ?? "");

    public int Count => _rows.Count;

    public Reading Begin(ReadOnlySpan<byte> payload, Headers? headers, out RejectionReason reason)
    {
        reason = format.Payload == PayloadFormat.ModelInferResponse
            ? ModelInferResponse.Read(payload, _output, PredictionField.Unknown, _rows)
            : KServeResponse.Read(payload, headers, format.Output, PredictionField.Unknown, _rows);
        return reason == RejectionReason.None ? Reading.Rows : Reading.Rejected;
    }

    public void Restart() => _rows.Restart();

    public bool TryNext(PredictionBuffers buffers, ref ParsedPrediction row, out RejectionReason reason) =>
        _rows.TryNext(buffers, ref row, out reason);
}
