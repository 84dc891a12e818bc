using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>
/// Takes the frames off a source's records, and says which of them its filter excludes by their headers. Not thread-safe.
/// </summary>
/// <remarks>The attributes of a CloudEvent are headers (<c>ce_type</c>), also of one that has them in its value.</remarks>
/// <param name="source">The source.</param>
/// <param name="maxBytes">The most bytes that a value may have, with and without its frames.</param>
/// <param name="registries">The registries that are asked, null for its own.</param>
internal sealed class RecordOpener(SourceSettings source, int maxBytes, SchemaRegistries? registries = null)
{
    private readonly IFrame[] _frames =
    [
        .. source.Frames.Select(frame => Frames.Create(frame, source, maxBytes, registries ?? new SchemaRegistries())),
    ];
    private readonly bool _filtersHeaders = source.Only.Any(filter => filter.Header is not null);
    private readonly MappedDocument? _attributes = AttributesOf(source);

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
        var isStructured = _attributes is not null && headers?.TryGetLastBytes(CloudEvent.VersionHeader, out _) != true;
        if (isNull || (_filtersHeaders && headers is not null && !PassesFilters(headers, passAttributes: isStructured)))
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

            var framed = payload;
            reason = frame.Unwrap(framed, headers, Facts, out payload);
            if (frame is CloudEventsFrame { IsStructured: true } && _attributes?.Read(framed, out _) == Reading.Ignored)
            {
                return Reading.Ignored;
            }
        }

        reason = reason == RejectionReason.None && payload.IsEmpty ? RejectionReason.Empty : reason;
        return reason == RejectionReason.None ? Reading.Rows : Reading.Rejected;
    }

    private bool PassesFilters(Headers headers, bool passAttributes)
    {
        foreach (var filter in source.Only)
        {
            if (filter.Header is { } name
                && !(headers.TryGetLastBytes(name, out var value) ? IsAllowed(filter, value) : passAttributes && IsAttribute(name)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Looks at the attributes that the filter names, of CloudEvents that have them in their value; null where it names none.
    /// </summary>
    private static MappedDocument? AttributesOf(SourceSettings source)
    {
        SourceFilter[] only =
        [
            .. source.Only.Where(filter => source.Frames.Contains(SourceFrame.CloudEvents) && IsAttribute(filter.Header))
                .Select(
                    filter =>
                        filter with { Header = null, Pointer = JsonPointer.OfMember(filter.Header![CloudEvent.HeaderPrefix.Length..]) }),
        ];
        return only.Length == 0 ? null : new MappedDocument(new SourceSettings { Only = [.. only] });
    }

    private static bool IsAttribute(string? header) => header?.StartsWith(CloudEvent.HeaderPrefix, StringComparison.Ordinal) == true;

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
