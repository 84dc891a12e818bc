using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>How recorded predictions or labels are read: as the service reads the source that they are of.</summary>
/// <param name="Source">The source.</param>
/// <param name="Limits">What a prediction may be.</param>
internal sealed record RecordedSource(SourceSettings Source, PredictionDecoderSettings Limits)
{
    /// <summary>DriftMonitor's own JSON.</summary>
    public static RecordedSource OwnJson { get; } = new(SourceSettings.OwnJson, new PredictionDecoderSettings());

    /// <summary>The same with another model of records that name none.</summary>
    /// <param name="model">Null for the source's own.</param>
    public RecordedSource WithModel(string? model) => model is null ? this : this with { Source = Source with { Model = model } };
}
