using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Reads the rows of one payload, each of them a prediction. An instance belongs to one reader; it is not thread-safe.</summary>
/// <remarks>
/// A row without a model, an id or a time of its own takes the record's, its id with <c>#row</c> behind it. The payload is only valid
/// during <see cref="Begin"/>: an instance copies what it needs of it. Rows are read up to three times, since a record counts with all of
/// its rows or with none. Never throws for any bytes.
/// </remarks>
internal interface IRowReader
{
    /// <summary>Takes in a payload without its frames.</summary>
    /// <param name="headers">The record's headers, null for none.</param>
    /// <param name="reason">Why the payload is rejected.</param>
    Reading Begin(ReadOnlySpan<byte> payload, Headers? headers, out RejectionReason reason);

    /// <summary>How many rows the payload has.</summary>
    int Count { get; }

    /// <summary>Goes back to the first row.</summary>
    void Restart();

    /// <summary>Reads the next row: its numbers into the buffers, all else into <paramref name="row"/>.</summary>
    /// <param name="buffers">Take the row's numbers and names.</param>
    /// <param name="row">Points into the buffers or into memory of the reader until the next call.</param>
    /// <param name="reason">Why the row, and with it the record, is rejected.</param>
    /// <returns>False after the last row.</returns>
    bool TryNext(PredictionBuffers buffers, ref ParsedPrediction row, out RejectionReason reason);
}
