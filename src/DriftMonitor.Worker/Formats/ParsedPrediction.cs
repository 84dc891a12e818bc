namespace DriftMonitor.Worker.Formats;

/// <summary>What a payload of any format says, before its model and its class space are known.</summary>
/// <remarks>It points into the payload and into the buffers that it was read with, which also hold the output's numbers.</remarks>
internal ref struct ParsedPrediction
{
    /// <summary>The model's name as UTF-8 text, empty for none.</summary>
    public ReadOnlySpan<byte> Model { get; set; }

    /// <summary>The segment, empty for none.</summary>
    public ReadOnlySpan<char> Segment { get; set; }

    /// <summary>The version of the model, empty for none.</summary>
    public ReadOnlySpan<char> Version { get; set; }

    /// <summary>The prediction's id, empty for none.</summary>
    public ReadOnlySpan<char> Id { get; set; }

    /// <summary>When it happened, epoch milliseconds; null for a payload that does not tell.</summary>
    public long? TimeMs { get; set; }

    /// <summary>The fields besides the output that could not be read; the prediction counts without them.</summary>
    public PredictionField FallenBack { get; set; }

    /// <summary>The field for which the payload is rejected; <see cref="PredictionField.Unknown"/> where none can be named.</summary>
    public PredictionField Refused { get; set; }

    /// <summary>The output form, whose numbers are in <see cref="PredictionBuffers.Output"/>.</summary>
    public PredictionField Form { get; set; }
}
