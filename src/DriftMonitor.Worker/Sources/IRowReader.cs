using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Reads the rows of one payload, each of them a prediction. An instance belongs to one reader; it is not thread-safe.</summary>
/// <remarks>
/// The payload is only valid during <see cref="Begin"/>: an instance copies what it needs of it. Rows are read up to three times, since a
/// record counts with all of its rows or with none. Never throws for any bytes.
/// </remarks>
internal interface IRowReader
{
    /// <summary>Takes in a payload without its frames.</summary>
    /// <param name="facts">What the record says of all its rows: rows without an id of their own take <c>id#row</c>.</param>
    /// <param name="reason">Why the payload is rejected.</param>
    Reading Begin(ReadOnlySpan<byte> payload, RecordFacts facts, out RejectionReason reason);

    /// <summary>Goes back to the first row.</summary>
    void Restart();

    /// <summary>Reads the next row: its numbers into the buffers, all else into <paramref name="row"/>.</summary>
    /// <param name="buffers">Take the row's numbers and names.</param>
    /// <param name="row">Points into the buffers or into memory of the reader until the next call.</param>
    /// <param name="reason">Why the row, and with it the record, is rejected.</param>
    /// <returns>False after the last row.</returns>
    bool TryNext(PredictionBuffers buffers, ref ParsedPrediction row, out RejectionReason reason);
}
