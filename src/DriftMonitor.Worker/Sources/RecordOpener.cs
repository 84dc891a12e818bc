using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Sources;

/// <summary>
/// Takes the frames off a source's records, and says which of them its filter excludes by their headers. Not thread-safe.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="maxBytes">The most bytes that a value may have, with and without its frames.</param>
internal sealed class RecordOpener(SourceSettings source, int maxBytes)
{
    private readonly IFrame[] _frames = [.. source.Frames.Select(frame => Frames.Create(frame, source, maxBytes))];
    private readonly bool _filtersHeaders = source.Only.Any(filter => filter.Header is not null);

    /// <summary>What the last record says besides its payload.</summary>
    public RecordFacts Facts { get; } = new();

    /// <summary>Finds the payload of a record.</summary>
    /// <param name="headers">Null where there are none, in a file for instance: what a filter says of headers is then passed over.</param>
    /// <returns><see cref="Reading.Rows"/> if there is a payload.</returns>
    public Reading Open(
        ReadOnlySpan<byte> value, bool isNull, Headers? headers, out ReadOnlySpan<byte> payload, out RejectionReason reason)
    {
        payload = value;
        reason = RejectionReason.None;
        Facts.Clear();
        if (isNull || (_filtersHeaders && headers is not null && !PassesFilters(headers)))
        {
            return Reading.Ignored;
        }

        reason = value.Length > maxBytes ? RejectionReason.TooLarge : RejectionReason.None;
        foreach (var frame in _frames)
        {
            if (reason != RejectionReason.None || payload.IsEmpty)
            {
                break;
            }

            reason = frame.Unwrap(payload, headers, Facts, out payload);
        }

        reason = reason == RejectionReason.None && payload.IsEmpty ? RejectionReason.Empty : reason;
        return reason == RejectionReason.None ? Reading.Rows : Reading.Rejected;
    }

    private bool PassesFilters(Headers headers)
    {
        foreach (var filter in source.Only)
        {
            if (filter.Header is { } name && !(headers.TryGetLastBytes(name, out var value) && IsAllowed(filter, value)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAllowed(SourceFilter filter, byte[] value)
    {
        foreach (var allowed in filter.Values)
        {
            if (value.AsSpan().SequenceEqual(allowed.AsSpan()))
            {
                return true;
            }
        }

        return false;
    }
}
