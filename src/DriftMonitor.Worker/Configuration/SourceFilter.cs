using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What a record must hold to be a prediction or a label of its source; any other record is ignored.</summary>
/// <param name="Header">The header that is looked at, null for a value of the payload.</param>
/// <param name="Pointer">The value of the payload that is looked at, null for a header.</param>
/// <param name="Values">The texts that are allowed, as UTF-8.</param>
internal sealed record SourceFilter(string? Header, JsonPointer? Pointer, ImmutableArray<ImmutableArray<byte>> Values)
{
    public const string HeaderPrefix = "header:";
}
