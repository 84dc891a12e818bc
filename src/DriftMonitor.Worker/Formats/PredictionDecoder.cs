using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Formats;

/// <summary>Predictions in any format, each to a distribution over its model's class space or to the reason why it is none.</summary>
/// <remarks>
/// Never throws, whatever the bytes: it runs inside the consumer, over memory that is not ours. Models, class spaces and segments are taken
/// in only from records that passed every check. Allocates only when it does so, or when a payload is larger than any before it, and for
/// what is no JSON. Not safe for concurrent use: each consumer has its own.
/// </remarks>
internal sealed class PredictionDecoder
{
    /// <summary>
    /// The most classes that one payload may fix for a model: its panes, names included, must fit into a Kafka record of 1 MB, and no
    /// payload may claim memory as only a reference or the configuration should.
    /// </summary>
    public const int MaxInferredClasses = 10_000;

    /// <summary>The same of classes that hold or not by themselves: an output of few bytes has mass in two cells of each.</summary>
    public const int MaxInferredIndependentClasses = 1_000;

    private readonly PredictionDecoderSettings _settings;
    private readonly ModelLookup _models;
    private readonly PredictionBuffers _buffers = new();
    private readonly ChatCompletion _chat;
    private readonly PredictionOutput _output;
    private readonly char[] _version = new char[JsonNames.MaxLength]; // the segment of the last record's version
    private long _segmentsRefused;

    public PredictionDecoder(WatchedModels models, PredictionDecoderSettings settings)
    {
        (_settings, _models) = (settings, new ModelLookup(models, settings.Names));
        _output = new PredictionOutput(_buffers, settings.SumTolerance);
        _chat = new ChatCompletion(settings.SumTolerance);
        SeriesKey.VersionPrefix.CopyTo(_version);
    }

    /// <summary>Records that count without their segment or version, which exceeds the cap. Readable on any thread.</summary>
    public long SegmentsRefused => Volatile.Read(ref _segmentsRefused);

    /// <summary>The fields of the last prediction besides its output that could not be read; it counts without them.</summary>
    public PredictionField FallenBack { get; private set; }

    /// <summary>Where readers of rows put the numbers and names of a prediction, before <see cref="Complete"/>.</summary>
    public PredictionBuffers Buffers => _buffers;

    /// <summary>Reads one record's value, in JSON.</summary>
    public void Decode(ReadOnlySpan<byte> utf8, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record) =>
        Decode(utf8, PredictionFormat.Json, modelOfTopic, recordKey, record);

    /// <summary>Reads the prediction that a feedback record carries beside its label, in JSON.</summary>
    public void DecodeBesideLabel(ReadOnlySpan<byte> utf8, string model, PredictionRecord record) =>
        Decode(utf8, PredictionFormat.Json, model, default, record, ignored: PredictionField.Label);

    /// <summary>Reads one record's value, of any format.</summary>
    /// <param name="modelOfTopic">The model of payloads that name none, null to take the record key.</param>
    /// <param name="recordKey">The record's key, empty for none.</param>
    /// <param name="record">Becomes the prediction or is rejected; its offset and its own time stay.</param>
    /// <param name="ignored">A field of JSON that is not the prediction's.</param>
    public void Decode(
        ReadOnlySpan<byte> value,
        PredictionFormat format,
        string? modelOfTopic,
        ReadOnlySpan<byte> recordKey,
        PredictionRecord record,
        PredictionField ignored = PredictionField.Unknown)
    {
        var problem = Read(value, format, modelOfTopic, recordKey, record, ignored);
        if (problem != RejectionReason.None)
        {
            record.Reject(problem);
        }
    }

    private RejectionReason Read(
        ReadOnlySpan<byte> value,
        PredictionFormat format,
        string? modelOfTopic,
        ReadOnlySpan<byte> recordKey,
        PredictionRecord record,
        PredictionField ignored)
    {
        var parsed = new ParsedPrediction();
        var problem = value.Length > _settings.MaxBytes ? RejectionReason.TooLarge : Parse(value, format, ref parsed, ignored);
        return problem == RejectionReason.None ? Complete(ref parsed, modelOfTopic, recordKey, record) : problem;
    }

    /// <summary>Reads a payload that is one prediction into <see cref="Buffers"/>, for <see cref="Complete"/>.</summary>
    public RejectionReason Parse(
        ReadOnlySpan<byte> value, PredictionFormat format, ref ParsedPrediction parsed,
        PredictionField ignored = PredictionField.Unknown)
    {
        if (value.IsEmpty)
        {
            return RejectionReason.Empty;
        }

        return format.Payload switch
        {
            PayloadFormat.Protobuf => PredictionProtobuf.Read(value, _buffers, ref parsed),
            PayloadFormat.ChatCompletion => _chat.Read(value, _buffers, ref parsed),
            PayloadFormat.Json => ReadJson(value, ignored, format.Times, ref parsed),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The model that a record names, if it is admitted; null if not, or if it names none. Admits none.</summary>
    /// <param name="ofPayload">UTF-8 text, empty for none.</param>
    /// <param name="ofTopic">Null for none.</param>
    /// <param name="recordKey">UTF-8 text, empty for none.</param>
    public WatchedModel? Known(ReadOnlySpan<byte> ofPayload, string? ofTopic, ReadOnlySpan<byte> recordKey)
    {
        _models.Find(ofPayload, ofTopic, recordKey, out var model);
        return model;
    }

    /// <summary>The model that a name stands for, if it is admitted.</summary>
    public WatchedModel? Known(string name) => _models.Find(name);

    /// <summary>The name of the model that a name stands for.</summary>
    public string ModelOf(string name) => _models.ModelOf(name);

    /// <summary>Checks a prediction that a reader of rows has put into <see cref="Buffers"/>; takes no model and no class in.</summary>
    /// <param name="isNew">Whether its model or its classes are not known yet.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why it is none.</returns>
    public RejectionReason Check(
        ref ParsedPrediction parsed, string? modelOfTopic, ReadOnlySpan<byte> recordKey, out bool isNew)
    {
        var problem = Check(ref parsed, modelOfTopic, recordKey, out _, out var classes);
        isNew = classes is null;
        return problem;
    }

    private RejectionReason Check(
        ref ParsedPrediction parsed, string? modelOfTopic, ReadOnlySpan<byte> recordKey, out WatchedModel? model, out ModelClasses? classes)
    {
        var problem = _models.Find(parsed.Model, modelOfTopic, recordKey, out model);
        classes = _output.IsByPosition(parsed.Form, out var values)
            ? model?.ClassesOf(values, parsed.Form == PredictionField.Multilabel)
            : model?.Classes;
        return problem != RejectionReason.None ? problem
            : classes is null && model is { Classes: not null, CanInferOther: false } ? RejectionReason.WrongArity
            : _output.Check(parsed.Form, classes, model is null ? _models.NameOfNew : model.Name);
    }

    /// <summary>Makes a prediction, whose numbers are in <see cref="Buffers"/>, the record's, or says why it is none.</summary>
    public RejectionReason Complete(
        ref ParsedPrediction parsed, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record)
    {
        var form = parsed.Form;
        var problem = Check(ref parsed, modelOfTopic, recordKey, out var model, out var classes);
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

        _output.Fill(form, record, model!, classes!);
        if (_output.LacksNames(form, record) && TryGrow(model!, classes!, out var grown))
        {
            _output.Fill(form, record, model!, grown);
        }

        record.PayloadTimeMs = parsed.TimeMs;
        record.Id = parsed.Id;
        FallenBack = parsed.TimeMs is null ? parsed.FallenBack : parsed.FallenBack & ~PredictionField.Timestamp;
        var version = VersionOf(parsed.Version);
        record.Segment = parsed.Segment.IsEmpty ? null : model!.Segment(parsed.Segment);
        record.Version = version.IsEmpty ? null : model!.Segment(version);
        if ((record.Segment is null && !parsed.Segment.IsEmpty) || (record.Version is null && !version.IsEmpty))
        {
            Volatile.Write(ref _segmentsRefused, _segmentsRefused + 1);
        }

        return RejectionReason.None;
    }

    private RejectionReason ReadJson(
        ReadOnlySpan<byte> utf8, PredictionField ignored, TimeForm times, ref ParsedPrediction parsed)
    {
        var json = new PredictionJson(utf8, _buffers, ignored, times);
        var problem = json.Read();
        parsed = json.Parsed;
        return problem;
    }

    /// <summary>Lets an output that passed every check say what the model's classes are, and admits the model if it is new.</summary>
    private bool TryInfer(ref WatchedModel? model, out ModelClasses? classes, out RejectionReason problem)
    {
        classes = null;
        problem = RejectionReason.TooManyClasses;
        if (_buffers.Output.Count > MaxInferred)
        {
            return false;
        }

        problem = RejectionReason.MemoryLimit;
        var cells = _buffers.Output.CellsOfNames;
        if (!_models.HasRoom(cells))
        {
            return false; // before any name is made
        }

        problem = RejectionReason.WrongArity;
        if (_buffers.Output.InferSpace() is not { } space)
        {
            return false;
        }

        problem = RejectionReason.SingleClass;
        if (space.ClassCount == 1)
        {
            return false;
        }

        model ??= _models.Admit(out problem, cells);
        if (model is null)
        {
            return false;
        }

        problem = RejectionReason.MemoryLimit;
        if (!model.HasRoom(cells))
        {
            return false;
        }

        classes = model.Fix(new ModelClasses(space, ModelClasses.Inferred)); // a reference may have come in between
        if (!_output.FitsInto(classes))
        {
            problem = model.CanInferOther ? RejectionReason.MemoryLimit : RejectionReason.WrongArity;
            classes = model.FixOther(space);
            if (classes is null)
            {
                return false;
            }
        }

        problem = RejectionReason.WrongArity;
        return _output.FitsInto(classes);
    }

    /// <summary>
    /// Adds the names that an inferred class space lacks, if the output before that lacked names lacked the same ones: those of a new
    /// version come with every record.
    /// </summary>
    private bool TryGrow(WatchedModel model, ModelClasses present, [NotNullWhen(true)] out ModelClasses? grown)
    {
        var output = _buffers.Output;
        grown = null;
        if (!model.CanGrow
            || output.HashOfUnknown(present.Space, out var unknown) is not { } hash || !model.IsRepeated(hash)
            || present.Space.DistinctNames.Count + unknown > MaxInferred
            || !_models.HasRoom(output.CellsOfNames)
            || output.SpaceWith(present.Space) is not { } space
            || space.DistinctNames.Count > MaxInferred)
        {
            return false;
        }

        grown = model.Grow(present, space);
        return grown is not null && grown != present;
    }

    private int MaxInferred => _buffers.Output.AreIndependent ? MaxInferredIndependentClasses : MaxInferredClasses;

    /// <summary>The segment of the version that a field says, else of that in the model's name; empty for none.</summary>
    private ReadOnlySpan<char> VersionOf(ReadOnlySpan<char> ofField)
    {
        if (ofField.IsEmpty)
        {
            FallenBack |= _models.Mapped?.LosesVersion == true ? PredictionField.Version : PredictionField.Unknown;
            return _models.Mapped?.Version;
        }

        ofField.CopyTo(_version.AsSpan(SeriesKey.VersionPrefix.Length));
        return _version.AsSpan(0, SeriesKey.VersionPrefix.Length + ofField.Length);
    }
}
