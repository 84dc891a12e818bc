namespace DriftMonitor.Worker.Tables;

/// <summary>Takes a row of a table as a JSON object.</summary>
/// <param name="json">The object, as UTF-8; valid only during the call.</param>
/// <param name="number">Where it stands: the line of a text, the row of any other table, from 1.</param>
internal delegate void TableRow(ReadOnlySpan<byte> json, long number);
