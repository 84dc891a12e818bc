using System.Buffers;
using System.Text.Unicode;
using DriftMonitor.Worker.Formats.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Formats;

/// <summary>Predictions in protobuf (driftmonitor.proto): the same outputs with the same rules as in JSON.</summary>
internal static class PredictionProtobuf
{
    private static readonly MessageParser<Prediction> Parser = Prediction.Parser.WithDiscardUnknownFields(true);

    /// <returns><see cref="RejectionReason.None"/>, or why it is no prediction. It never throws.</returns>
    public static RejectionReason Read(ReadOnlySpan<byte> bytes, PredictionBuffers buffers, ref ParsedPrediction parsed)
    {
        var framing = ProtobufFraming.Check(
            bytes, Prediction.ProbsFieldNumber, Prediction.MultilabelFieldNumber, Prediction.VersionFieldNumber);
        if (framing != RejectionReason.None)
        {
            return framing;
        }

        Prediction wire;
        try
        {
            wire = Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return RejectionReason.Malformed;
        }

        if (Utf8.FromUtf16(wire.Model, buffers.Model, out _, out var length) != OperationStatus.Done)
        {
            return RejectionReason.InvalidName;
        }

        var hasTime = wire.HasTsMs && JsonTimestamp.IsAllowed(wire.TsMs);
        var (hasSegment, hasVersion) = (JsonNames.IsSegment(wire.Segment), JsonNames.IsVersion(wire.Version));
        parsed.Model = buffers.Model.AsSpan(0, length);
        parsed.Segment = hasSegment ? wire.Segment : "";
        parsed.Version = hasVersion ? wire.Version : "";
        parsed.Id = wire.Id.Length <= JsonNames.MaxLength ? wire.Id : "";
        parsed.TimeMs = hasTime ? wire.TsMs : null;
        parsed.FallenBack = (wire.HasTsMs && !hasTime ? PredictionField.Timestamp : PredictionField.Unknown)
            | (wire.Segment.Length > 0 && !hasSegment ? PredictionField.Segment : PredictionField.Unknown)
            | (wire.Version.Length > 0 && !hasVersion ? PredictionField.Version : PredictionField.Unknown);
        (parsed.Form, var problem) = ReadOutput(wire, buffers);
        return problem;
    }

    private static (PredictionField Form, RejectionReason Problem) ReadOutput(Prediction wire, PredictionBuffers buffers) =>
        wire.OutputCase switch
        {
            Prediction.OutputOneofCase.Probs => (PredictionField.Probs, ReadValues(wire.Probs, buffers.Output)),
            Prediction.OutputOneofCase.Logits => (PredictionField.Logits, ReadValues(wire.Logits, buffers.Output)),
            Prediction.OutputOneofCase.Logprobs => (PredictionField.Logprobs, ReadValues(wire.Logprobs, buffers.Output)),
            Prediction.OutputOneofCase.Label => (PredictionField.Label, ReadLabel(wire.Label, buffers.Output)),
            Prediction.OutputOneofCase.TopLogprobs => ReadTop(PredictionField.TopLogprobs, wire.TopLogprobs, buffers.Output),
            Prediction.OutputOneofCase.TopProbs => ReadTop(PredictionField.TopProbs, wire.TopProbs, buffers.Output),
            Prediction.OutputOneofCase.Probability => (PredictionField.Probability, ReadOne(wire.Probability, buffers.Output)),
            Prediction.OutputOneofCase.Multilabel => (PredictionField.Multilabel, ReadMultilabel(wire.Multilabel, buffers)),
            Prediction.OutputOneofCase.Score => (PredictionField.Score, ReadOne(wire.Score, buffers.Output)),
            Prediction.OutputOneofCase.Rewards => (PredictionField.Rewards, ReadRewards(wire.Rewards, buffers.Output)),
            Prediction.OutputOneofCase.Policy => (PredictionField.Policy, ReadPolicies(wire.Policy, buffers)),
            Prediction.OutputOneofCase.PolicyLogprobs => (PredictionField.PolicyLogprobs, ReadPolicies(wire.PolicyLogprobs, buffers)),
            _ => (PredictionField.Unknown, RejectionReason.MissingOutput),
        };

    private static (PredictionField Form, RejectionReason Problem) ReadTop(PredictionField form, Values wire, OutputValues values) =>
        (form, wire.Classes.Count == 0 ? RejectionReason.WrongArity : ReadValues(wire, values, form));

    private static RejectionReason ReadValues(Values wire, OutputValues values, PredictionField addUp = PredictionField.Unknown)
    {
        var named = wire.Classes.Count > 0;
        values.Clear(named);
        if (named && wire.Classes.Count != wire.Values_.Count)
        {
            return RejectionReason.WrongArity;
        }

        for (var i = 0; i < wire.Values_.Count; i++)
        {
            var problem = !named ? (values.TryAdd(wire.Values_[i]) ? RejectionReason.None : RejectionReason.TooManyClasses)
                : wire.Classes[i].Length is 0 or > JsonNames.MaxLength ? RejectionReason.InvalidName
                : addUp == PredictionField.Unknown ? values.Add(wire.Classes[i], wire.Values_[i])
                : values.AddUp(wire.Classes[i], wire.Values_[i], logarithms: addUp == PredictionField.TopLogprobs);
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        return RejectionReason.None;
    }

    private static RejectionReason ReadMultilabel(Values wire, PredictionBuffers buffers)
    {
        if (wire.Values_.Count > 0)
        {
            return ReadValues(wire, buffers.Output);
        }

        buffers.Output.Clear(named: true);
        buffers.Output.HasOnlyNames = true;
        foreach (var name in wire.Classes)
        {
            var problem = name.Length is 0 or > JsonNames.MaxLength ? RejectionReason.InvalidName : buffers.Output.Add(name, 1);
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        return RejectionReason.None;
    }

    private static RejectionReason ReadLabel(string label, OutputValues values)
    {
        values.Clear(named: true);
        return label.Length is 0 or > JsonNames.MaxLength ? RejectionReason.InvalidName : values.Add(label, 1);
    }

    private static RejectionReason ReadOne(double value, OutputValues values)
    {
        values.Clear(named: false);
        values.TryAdd(value);
        return RejectionReason.None;
    }

    private static RejectionReason ReadRewards(Rewards rewards, OutputValues values) =>
        rewards is { HasChosen: true, HasRejected: true }
            ? values.SetPreference(rewards.Chosen, rewards.Rejected)
            : RejectionReason.IncompleteOutput;

    private static RejectionReason ReadPolicies(Policies policies, PredictionBuffers buffers)
    {
        if (policies.Current is null || policies.Reference is null)
        {
            return RejectionReason.IncompleteOutput;
        }

        buffers.HasMask = policies.Mask.Count > 0;
        buffers.Length = policies.HasLength ? (int)Math.Min(policies.Length, int.MaxValue) : null;
        buffers.Mask.Clear(named: false);
        foreach (var isToken in policies.Mask)
        {
            if (!buffers.Mask.TryAdd(isToken ? 1 : 0))
            {
                return RejectionReason.TooManyClasses;
            }
        }

        var problem = ReadValues(policies.Current, buffers.Output);
        return problem == RejectionReason.None ? ReadValues(policies.Reference, buffers.Reference) : problem;
    }
}
