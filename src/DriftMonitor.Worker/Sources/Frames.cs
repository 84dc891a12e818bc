using System.Diagnostics;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Makes frames.</summary>
internal static class Frames
{
    public static IFrame Create(SourceFrame frame, SourceSettings source, int maxBytes, SchemaRegistries registries) => frame switch
    {
        SourceFrame.Gzip => new GzipFrame(maxBytes),
        SourceFrame.Confluent when source is { SchemaRegistry: { } registry, Format.Payload: PayloadFormat.Json } =>
            new AvroFrame(registries.Of(registry)),
        SourceFrame.Confluent => new ConfluentFrame(source.Format.Payload),
        SourceFrame.Connect => new ConnectFrame(),
        SourceFrame.String => new StringFrame(),
        SourceFrame.CloudEvents => new CloudEventsFrame(source.Format.Times.Zone),
        _ => throw new UnreachableException(),
    };
}
