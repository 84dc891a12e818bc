namespace DriftMonitor.Worker.Formats;

/// <summary>What a prediction is written in.</summary>
/// <remarks>
/// Another one is a value here, its name in <see cref="PredictionFormat"/>, and a reader of its own that <see cref="PredictionDecoder"/>
/// calls.
/// </remarks>
internal enum PayloadFormat
{
    /// <summary>The project's own JSON object.</summary>
    Json,

    /// <summary>The message <c>driftmonitor.Prediction</c> of driftmonitor.proto.</summary>
    Protobuf,

    /// <summary>The body of a response of KServe's inference protocol, version 2 (the Open Inference Protocol).</summary>
    KServeV2,

    /// <summary>The same protocol's message <c>inference.ModelInferResponse</c>, as Triton and Seldon Core 2 write it.</summary>
    ModelInfer,

    /// <summary>A chat completion with log-probabilities, by OpenAI's API.</summary>
    ChatCompletion,
}
