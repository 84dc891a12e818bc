using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns the options of a source that are valid into the settings that run.</summary>
internal static class SourceBuilder
{
    public static SourceSettings Build(SourceOptions options, Secrets secrets)
    {
        var source = Presets.Apply(options);
        return new SourceSettings
        {
            Name = source.Name.Length > 0 ? source.Name : source.Topic,
            Topic = source.Topic,
            Setting = source.Setting,
            Kind = source.IsLabels ? SourceKind.Labels : SourceKind.Predictions,
            Format = Format(source),
            Frames = [.. source.Frames().Select(frame => frame!.Value)],
            SchemaRegistry = source.SchemaRegistry.Url is { Length: > 0 } url
                ? new SchemaRegistrySettings(url, source.SchemaRegistry.Properties(), secrets)
                : null,
            Only = [.. source.Only.Select(only => Filter(only.Key, only.Value))],
            Model = source.Model.Length > 0 ? source.Model : null,
            Segment = source.Segment.Length > 0 ? source.Segment : null,
            Rows = source.Rows.Length > 0 ? Pointer(source.Rows) : null,
            Map = [.. source.Map.Select(field => (field.Key, Pointer(field.Value)))],
            Join = source.Join,
            Deduplicate = source.Deduplicate,
        };
    }

    private static PredictionFormat Format(SourceOptions source) =>
        PredictionFormat.TryParse(source.Payload, out var format)
            && SourceOptions.UnitOf(source.TimeUnit) is { } unit
            && SourceOptions.TryFindZone(source.TimeZone, out var zone)
            ? format with { Times = new TimeForm(unit, zone) }
            : throw new FormatException(source.Format);

    private static SourceFilter Filter(string key, string[] values)
    {
        var isHeader = key.StartsWith(SourceFilter.HeaderPrefix, StringComparison.Ordinal);
        return new SourceFilter(
            isHeader ? key[SourceFilter.HeaderPrefix.Length..] : null,
            isHeader ? null : Pointer(key),
            // what is true in JSON comes as True out of a file of settings
            [.. values.Concat(values.Where(value => value is "True" or "False").Select(value => value.ToLowerInvariant())).Select(
                value => Encoding.UTF8.GetBytes(value).ToImmutableArray())]);
    }

    private static JsonPointer Pointer(string text) =>
        JsonPointer.TryParse(text, out var pointer) ? pointer : throw new FormatException(text);
}
