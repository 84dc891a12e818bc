using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Configuration;

/// <summary>How the records of one topic, or the lines of files, become predictions or labels: checked, immutable.</summary>
internal sealed record SourceSettings
{
    /// <summary>DriftMonitor's own JSON, as it stands in files.</summary>
    public static SourceSettings OwnJson { get; } = new();

    /// <summary>What the source is called; its topic where it has no name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Empty for a source that is only read from files.</summary>
    public string Topic { get; init; } = "";

    /// <summary>The setting that names the topic.</summary>
    public string Setting { get; init; } = "";

    public SourceKind Kind { get; init; }

    /// <summary>What the payload, without its frames, is written in.</summary>
    public PredictionFormat Format { get; init; } = PredictionFormat.Json;

    /// <summary>What is wrapped around the payload, from the outside to the inside.</summary>
    public ImmutableArray<SourceFrame> Frames { get; init; } = [];

    /// <summary>Where the schemas of Confluent's frames are; null where they are not looked up.</summary>
    public SchemaRegistrySettings? SchemaRegistry { get; init; }

    /// <summary>What every record must hold.</summary>
    public ImmutableArray<SourceFilter> Only { get; init; } = [];

    /// <summary>The model of records that name none, null for none.</summary>
    public string? Model { get; init; }

    /// <summary>The segment of records that name none, null for none.</summary>
    public string? Segment { get; init; }

    /// <summary>The array whose items are the rows; null for a record that is one row.</summary>
    public JsonPointer? Rows { get; init; }

    /// <summary>Where the fields of a prediction or a label stand; empty for rows in DriftMonitor's own JSON.</summary>
    public ImmutableArray<(string Field, JsonPointer Pointer)> Map { get; init; } = [];

    /// <summary>Whether the labels topic is joined to these predictions.</summary>
    public bool Join { get; init; } = true;

    /// <summary>Whether the second of an id counts in no window.</summary>
    public bool Deduplicate { get; init; } = true;

    /// <summary>Whether anything is read out of the headers.</summary>
    public bool ReadsHeaders =>
        Format.Payload == PayloadFormat.KServeV2
            || Frames.Contains(SourceFrame.CloudEvents)
            || Only.Any(filter => filter.Header is not null);

    /// <summary>Whether the payload is looked at as JSON before it is decoded.</summary>
    public bool LooksIntoPayload => Rows is not null || !Map.IsEmpty || Only.Any(filter => filter.Pointer is not null);
}
