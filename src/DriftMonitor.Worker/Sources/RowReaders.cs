using System.Diagnostics.CodeAnalysis;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Sources;

/// <summary>Chooses how the rows of a source's payloads are read.</summary>
internal static class RowReaders
{
    /// <summary>Null for payloads that are one prediction each and need no map.</summary>
    [SuppressMessage("Performance", "CA1859", Justification = "Formats with readers of their own plug in here.")]
    public static IRowReader? Create(SourceSettings source) => source.LooksIntoPayload ? new MappedRows(source) : null;
}
