using System.Numerics.Tensors;
using Confluent.Kafka;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;
using DriftMonitor.Events;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Messages;

/// <summary>Predictions in any format, each to a distribution over its model's class space or to the reason why it is none.</summary>
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
    private readonly PredictionBuffers _envelope = new();
    private long _segmentsRefused;

    /// <summary>Records that count in <see cref="SeriesKey.All"/> only, since their segment is beyond the model's cap. May be read on any thread.</summary>
    public long SegmentsRefused => Volatile.Read(ref _segmentsRefused);

    /// <summary>Reads one record's value.</summary>
    /// <param name="utf8">The value.</param>
    /// <param name="modelOfTopic">The model of payloads that name none, null to take the record key.</param>
    /// <param name="recordKey">The record's key, empty for none.</param>
    /// <param name="record">Becomes the prediction or is rejected; its offset and its own time stay.</param>
    public void Decode(ReadOnlySpan<byte> utf8, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record) =>
        Decode(utf8, PredictionFormat.Json, null, modelOfTopic, recordKey, record);

    /// <summary>Reads one record's value, of any format.</summary>
    /// <param name="value">The value.</param>
    /// <param name="format">What it is written in.</param>
    /// <param name="headers">The record's headers, null for none.</param>
    /// <param name="modelOfTopic">The model of payloads that name none, null to take the record key.</param>
    /// <param name="recordKey">The record's key, empty for none.</param>
    /// <param name="record">Becomes the prediction or is rejected; its offset and its own time stay.</param>
    public void Decode(
        ReadOnlySpan<byte> value, PredictionFormat format, Headers? headers, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record)
    {
        var problem = Read(value, format, headers, modelOfTopic, recordKey, record);
        if (problem != RejectionReason.None)
        {
            record.Reject(problem);
        }
    }

    private RejectionReason Read(
        ReadOnlySpan<byte> value, PredictionFormat format, Headers? headers, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record)
    {
        if (value.IsEmpty || value.Length > settings.MaxBytes)
        {
            return value.IsEmpty ? RejectionReason.Empty : RejectionReason.TooLarge;
        }

        var envelope = new CloudEvent();
        var problem = format.InCloudEvents ? envelope.Read(value, headers, _envelope) : RejectionReason.None;
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        var payload = format.InCloudEvents ? envelope.Data : value;
        if (payload.IsEmpty)
        {
            return RejectionReason.Empty;
        }

        var parsed = new ParsedPrediction();
        problem = format.Payload switch
        {
            PayloadFormat.Protobuf => PredictionProtobuf.Read(payload, _buffers, ref parsed),
            PayloadFormat.KServeV2 => KServeResponse.Read(payload, format.Output, _buffers, ref parsed),
            _ => ReadJson(payload, ref parsed),
        };
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        problem = _models.Find(parsed.Model.IsEmpty ? envelope.Model : parsed.Model, modelOfTopic, recordKey, out var model);
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        var form = parsed.Form;
        var classes = model?.Classes;
        problem = Check(form, classes);
        if (problem != RejectionReason.None)
        {
            return problem;
        }

        if (form == PredictionField.PolicyLogprobs)
        {
            classes ??= ModelClasses.Sampled;
            model ??= _models.Admit(out problem);
            if (model is null)
            {
                return problem;
            }
        }
        else if (classes is null && !TryInfer(ref model, out classes, out problem))
        {
            return problem;
        }

        if (classes!.Space.CellCount > PaneSums.MaxDenseCells && form != PredictionField.Policy && (_buffers.Output.Named || form == PredictionField.PolicyLogprobs))
        {
            record.BeginFew(model!, classes);
            FillFew(form, record);
        }
        else
        {
            Fill(record.Begin(model!, classes), form, record);
        }

        record.PayloadTimeMs = parsed.TimeMs ?? envelope.TimeMs;
        record.Id = parsed.Id.IsEmpty ? envelope.Id : parsed.Id;
        record.Segment = parsed.Segment.IsEmpty ? null : SegmentOf(model!, parsed.Segment);
        return RejectionReason.None;
    }

    private RejectionReason ReadJson(ReadOnlySpan<byte> utf8, ref ParsedPrediction parsed)
    {
        var json = new PredictionJson(utf8, _buffers);
        var problem = json.Read();
        parsed.Model = json.Model;
        parsed.Segment = json.Segment;
        parsed.Id = json.Id;
        parsed.TimeMs = json.TimeMs;
        parsed.Form = json.Form;
        return problem;
    }

    /// <summary>Puts a vocabulary's few tokens into the record: nothing here goes over all classes.</summary>
    private void FillFew(PredictionField form, PredictionRecord record)
    {
        if (form == PredictionField.PolicyLogprobs)
        {
            record.Sampled = SampledKullbackLeibler.MeanOf(_buffers.Output.Values, _buffers.Reference.Values);
        }
        else
        {
            _buffers.Output.AddInto(record);
        }
    }

    /// <summary>Puts an output that passed every check into the record.</summary>
    private void Fill(Span<double> cells, PredictionField form, PredictionRecord record)
    {
        var output = _buffers.Output;
        var space = record.Classes.Space;
        switch (form)
        {
            case PredictionField.Score:
                cells[record.Classes.Bins!.CellOf(output.Values[0])] = 1;
                break;
            case PredictionField.PolicyLogprobs:
                record.Sampled = SampledKullbackLeibler.MeanOf(output.Values, _buffers.Reference.Values);
                break;
            case PredictionField.Policy:
                if (_buffers.ReferenceCells.Length < cells.Length)
                {
                    _buffers.ReferenceCells = new double[cells.Length];
                }

                var reference = _buffers.ReferenceCells.AsSpan(0, cells.Length);
                reference.Clear();
                _buffers.Reference.AddInto(reference, space);
                output.AddInto(cells, space);
                record.Paired = PairedKullbackLeibler.Of(cells, reference);
                break;
            default:
                output.AddInto(cells, space);
                break;
        }
    }

    /// <summary>Turns the output into probabilities.</summary>
    private RejectionReason Check(PredictionField form, ModelClasses? classes)
    {
        var output = _buffers.Output;
        if (form == PredictionField.PolicyLogprobs)
        {
            return CheckSampled(output, _buffers.Reference);
        }

        if (classes is { } known && (known.Bins is null == (form == PredictionField.Score)
            || (form == PredictionField.Rewards && known.Space.CellOf("chosen") == known.Space.OtherIndex)))
        {
            return RejectionReason.FormMismatch;
        }

        if (form is PredictionField.Label or PredictionField.Score)
        {
            return classes is null ? RejectionReason.UnknownClassSpace : RejectionReason.None;
        }

        if (output.Count == 0 || !FitsInto(classes))
        {
            return RejectionReason.WrongArity;
        }

        if (form == PredictionField.TopLogprobs)
        {
            var problem = Simplex.FromTopLogProbabilities(output.Values, settings.SumTolerance, out var missing);
            return problem != RejectionReason.None ? problem
                : missing == 1 ? RejectionReason.WrongArity // nothing but fillers
                : output.Add(ClassSpace.Rest, missing);
        }

        if (form == PredictionField.Policy)
        {
            var problem = CheckReference(output, _buffers.Reference);
            if (problem != RejectionReason.None)
            {
                return problem;
            }
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

    /// <summary>The reference policy's probabilities, of the same actions.</summary>
    private RejectionReason CheckReference(OutputValues current, OutputValues reference) =>
        reference.Named != current.Named ? RejectionReason.WrongType
        : reference.Count == 0 || (!reference.Named && reference.Count != current.Count) ? RejectionReason.WrongArity
        : !TensorPrimitives.IsFiniteAll<double>(reference.Values) ? RejectionReason.NotFinite
        : Simplex.Normalise(reference.Values, settings.SumTolerance);

    /// <summary>Log-probabilities of the same tokens under two policies, or log-densities, which may be above 0. The one that sampled them cannot have ruled them out.</summary>
    private static RejectionReason CheckSampled(OutputValues current, OutputValues reference)
    {
        if (current.Named || reference.Named)
        {
            return RejectionReason.WrongType;
        }

        if (current.Count == 0 || current.Count != reference.Count)
        {
            return RejectionReason.WrongArity;
        }

        for (var i = 0; i < current.Count; i++)
        {
            var (x, y) = (current.Values[i], reference.Values[i]);
            if (!double.IsFinite(x) || double.IsPositiveInfinity(y))
            {
                return RejectionReason.NotFinite;
            }
        }

        return RejectionReason.None;
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
