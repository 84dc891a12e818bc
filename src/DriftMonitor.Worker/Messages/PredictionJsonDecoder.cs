using System.Numerics.Tensors;
using DriftMonitor.Distributions;
using DriftMonitor.Events;

namespace DriftMonitor.Worker.Messages;

/// <summary>Predictions as JSON, each to a distribution over its model's class space or to the reason why it is none.</summary>
/// <remarks>
/// Never throws, whatever the bytes: it runs inside the consumer, over memory that is not ours. Models, class spaces and segments are taken
/// in only from records that passed every check. Allocates only when it does so, or when a payload is larger than any before it, and for
/// what is no JSON. Not safe for concurrent use: each consumer has its own.
/// </remarks>
internal sealed class PredictionJsonDecoder(WatchedModels models, PredictionDecoderSettings settings)
{
    /// <summary>
    /// The most classes that one payload may fix for a model: its panes, names included, must fit into a Kafka record of 1 MB, and no payload
    /// may claim memory as only a reference or the configuration should.
    /// </summary>
    public const int MaxInferredClasses = 10_000;

    private readonly ModelLookup _models = new(models);
    private readonly PredictionBuffers _buffers = new();
    private long _segmentsRefused;

    /// <summary>Records that count in <see cref="SeriesKey.All"/> only, since their segment is beyond the model's cap. May be read on any thread.</summary>
    public long SegmentsRefused => Volatile.Read(ref _segmentsRefused);

    /// <summary>Reads one record's value.</summary>
    /// <param name="utf8">The value.</param>
    /// <param name="modelOfTopic">The model of payloads that name none, null to take the record key.</param>
    /// <param name="recordKey">The record's key, empty for none.</param>
    /// <param name="record">Becomes the prediction or is rejected; its offset and its own time stay.</param>
    public void Decode(ReadOnlySpan<byte> utf8, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record)
    {
        var problem = Read(utf8, modelOfTopic, recordKey, record);
        if (problem != RejectionReason.None)
        {
            record.Reject(problem);
        }
    }

    private RejectionReason Read(ReadOnlySpan<byte> utf8, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record)
    {
        if (utf8.IsEmpty || utf8.Length > settings.MaxBytes)
        {
            return utf8.IsEmpty ? RejectionReason.Empty : RejectionReason.TooLarge;
        }

        var json = new PredictionJson(utf8, _buffers);
        var problem = json.Read();
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        problem = _models.Find(json.Model, modelOfTopic, recordKey, out var model);
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        var classes = model?.Classes;
        problem = Check(json.Form, classes);
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        if (classes is null && !TryInfer(ref model, out classes, out problem))
        {
            return problem;
        }

        _buffers.Output.AddInto(record.Begin(model!, classes!), classes!.Space);
        record.PayloadTimeMs = json.TimeMs;
        record.Id = json.Id;
        record.Segment = json.Segment.IsEmpty ? null : SegmentOf(model!, json.Segment);
        return RejectionReason.None;
    }

    /// <summary>Turns the output into probabilities.</summary>
    private RejectionReason Check(PredictionField form, ModelClasses? classes)
    {
        var output = _buffers.Output;
        if (form == PredictionField.Label)
        {
            return classes is null ? RejectionReason.UnknownClassSpace : RejectionReason.None;
        }

        if (output.Count == 0 || !FitsInto(classes))
        {
            return RejectionReason.WrongArity;
        }

        if (!TensorPrimitives.IsFiniteAll<double>(output.Values))
        {
            return RejectionReason.NotFinite; // 1e999: JSON has no infinity, not even one that would mean a probability of 0
        }

        return form switch
        {
            PredictionField.Logits => Simplex.Softmax(output.Values),
            PredictionField.Logprobs => Simplex.FromLogProbabilities(output.Values, settings.SumTolerance),
            _ => Simplex.Normalise(output.Values, settings.SumTolerance),
        };
    }

    /// <summary>Lets an output that passed every check say what the model's classes are, and admits the model if it is new.</summary>
    private bool TryInfer(ref WatchedModel? model, out ModelClasses? classes, out RejectionReason problem)
    {
        classes = null;
        problem = RejectionReason.TooManyClasses;
        if (_buffers.Output.Count > MaxInferredClasses)
        {
            return false;
        }

        problem = RejectionReason.WrongArity;
        if (_buffers.Output.InferSpace() is not { } space)
        {
            return false;
        }

        model ??= _models.Admit(out problem);
        if (model is null)
        {
            return false;
        }

        classes = model.Fix(new ModelClasses(space, ModelClasses.Inferred)); // a reference may have come in between
        problem = RejectionReason.WrongArity;
        return FitsInto(classes);
    }

    private bool FitsInto(ModelClasses? classes) =>
        classes is null || _buffers.Output.Named || _buffers.Output.Count == classes.Space.ClassCount;

    private SeriesKey? SegmentOf(WatchedModel model, ReadOnlySpan<char> segment)
    {
        var series = model.Segment(segment);
        if (series is null)
        {
            Volatile.Write(ref _segmentsRefused, _segmentsRefused + 1);
        }

        return series;
    }
}
