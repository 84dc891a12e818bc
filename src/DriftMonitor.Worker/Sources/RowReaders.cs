using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Sources;

/// <summary>Chooses how the rows of a source's payloads are read.</summary>
internal static class RowReaders
{
    /// <summary>Null for payloads that are one prediction each and need no map.</summary>
    public static IRowReader? Create(SourceSettings source) =>
        source.Format.HasRows ? new TensorRowReader(source.Format)
        : source.LooksIntoPayload ? new MappedRows(source)
        : null;
}
