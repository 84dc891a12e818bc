using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace DriftMonitor.Worker.Formats;

/// <summary>The rules of the output forms: which numbers are a model's output with these classes, and what goes into the record.</summary>
/// <remarks>Works on the numbers in the buffers, in place. Not safe for concurrent use.</remarks>
internal sealed class PredictionOutput(PredictionBuffers buffers, double sumTolerance)
{
    /// <summary>The forms that give every class a number.</summary>
    private const PredictionField AllClasses =
        PredictionField.Probs | PredictionField.Logits | PredictionField.Logprobs | PredictionField.Policy | PredictionField.Multilabel;

    private const double ChanceOfLogits = 1e-6;

    private readonly PaddedModels _padded = new();

    /// <summary>Turns an output into probabilities or says why it is none. Scores and sampled log-probabilities stay unchanged.</summary>
    /// <param name="model">The model's name.</param>
    public RejectionReason Check(PredictionField form, ModelClasses? classes, ReadOnlySpan<char> model = default)
    {
        var output = buffers.Output;
        if (form == PredictionField.PolicyLogprobs)
        {
            return CheckSampled(output, buffers.Reference, model);
        }

        if (classes is { } known && (known.Bins is null == (form == PredictionField.Score)
            || (form == PredictionField.Rewards && known.Space.CellOf("chosen") == known.Space.OtherIndex)))
        {
            return RejectionReason.FormMismatch;
        }

        if (classes is { Space: var space } && (form == PredictionField.Multilabel ? !space.IsIndependent : space.Choices > 1))
        {
            return RejectionReason.FormMismatch;
        }

        if (classes is { Bins: null, Space.ClassCount: 1 })
        {
            return RejectionReason.SingleClass;
        }

        if (form is PredictionField.Label or PredictionField.Score)
        {
            return classes is null ? RejectionReason.UnknownClassSpace : RejectionReason.None;
        }

        if (form == PredictionField.Probability)
        {
            return CheckProbability(output, classes);
        }

        if (form == PredictionField.Multilabel)
        {
            return CheckMultilabel(output, classes);
        }

        if (output.Count == 1 && (form & AllClasses) != 0 && (!output.Named || classes is null))
        {
            return RejectionReason.SingleClass;
        }

        if (output.Count == 0 || !FitsInto(classes))
        {
            return RejectionReason.WrongArity;
        }

        if (form is PredictionField.TopLogprobs or PredictionField.TopProbs)
        {
            var problem = form == PredictionField.TopProbs
                ? Simplex.FromTopProbabilities(output.Values, sumTolerance, out var missing)
                : Simplex.FromTopLogProbabilities(output.Values, sumTolerance, out missing);
            return problem != RejectionReason.None ? problem
                : missing == 1 ? RejectionReason.WrongArity // nothing but fillers
                : output.Add(ClassSpace.Rest, missing);
        }

        if (form == PredictionField.Policy)
        {
            var problem = CheckReference(output, buffers.Reference);
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        if (!TensorPrimitives.IsFiniteAll<double>(output.Values))
        {
            return RejectionReason.NotFinite; // 1e999: JSON has no infinity, not even one that would mean a probability of 0
        }

        if (form == PredictionField.Logits)
        {
            // what has no logit has a probability
            return output.Named && output.Count < classes?.Space.ClassCount ? RejectionReason.WrongArity
                : AreProbabilities(output.Values) ? RejectionReason.NotLogits
                : Simplex.Softmax(output.Values);
        }

        return form switch
        {
            PredictionField.Logprobs => Simplex.FromLogProbabilities(output.Values, sumTolerance),
            _ => Simplex.Normalise(output.Values, sumTolerance),
        };
    }

    /// <summary>
    /// Whether the numbers are no logits but what a softmax has made of them. One of a million logits looks so by chance.
    /// </summary>
    private static bool AreProbabilities(ReadOnlySpan<double> logits) =>
        Math.Abs(TensorPrimitives.Sum(logits) - 1) < ChanceOfLogits
        && TensorPrimitives.Min(logits) >= 0
        && TensorPrimitives.Max(logits) is > 0 and < 1;

    /// <summary>The reference policy's probabilities, of the same actions.</summary>
    private RejectionReason CheckReference(OutputValues current, OutputValues reference) =>
        reference.Named != current.Named ? RejectionReason.WrongType
        : reference.Count == 0 || (!reference.Named && reference.Count != current.Count) ? RejectionReason.WrongArity
        : !TensorPrimitives.IsFiniteAll<double>(reference.Values) ? RejectionReason.NotFinite
        : Simplex.Normalise(reference.Values, sumTolerance);

    /// <summary>One probability: of the class that it names, or of the second of two; the other class has the rest.</summary>
    private RejectionReason CheckProbability(OutputValues output, ModelClasses? classes)
    {
        if (output.Count != 1 || classes is { Space.ClassCount: not 2 })
        {
            return RejectionReason.WrongArity;
        }

        var p = output.Values[0];
        if (!(p >= 0 && p <= 1 + sumTolerance))
        {
            return double.IsFinite(p) ? RejectionReason.ProbabilityOutOfRange : RejectionReason.NotFinite;
        }

        p = Math.Min(p, 1);
        if (classes is not null)
        {
            return output.TrySetComplement(p, classes.Space) ? RejectionReason.None : RejectionReason.FormMismatch;
        }

        output.SetComplement(p);
        return RejectionReason.None;
    }

    /// <summary>The probability of each class by itself; what is not named does not hold.</summary>
    private RejectionReason CheckMultilabel(OutputValues output, ModelClasses? classes)
    {
        output.AreIndependent = true;
        if (output.Named && classes is null && (output.Count == 0 || output.HasOnlyNames))
        {
            return RejectionReason.UnknownClassSpace;
        }

        if (!FitsInto(classes) || (output.Count == 0 && !output.Named))
        {
            return RejectionReason.WrongArity;
        }

        foreach (ref var p in output.Values)
        {
            if (!(p >= 0 && p <= 1 + sumTolerance))
            {
                return double.IsFinite(p) ? RejectionReason.ProbabilityOutOfRange : RejectionReason.NotFinite;
            }

            p = Math.Min(p, 1);
        }

        return RejectionReason.None;
    }

    /// <summary>Log-probabilities or log-densities (may exceed 0) of the same tokens by two policies; the sampler ruled none out.</summary>
    /// <remarks>Of an echoed prompt's first token there is none: null in JSON, NaN in protobuf.</remarks>
    private RejectionReason CheckSampled(OutputValues current, OutputValues reference, ReadOnlySpan<char> model)
    {
        var tokens = current.Count;
        if (current.Named || reference.Named)
        {
            return RejectionReason.WrongType;
        }

        if (tokens == 0 || tokens != reference.Count || buffers.Length > tokens || (buffers.HasMask && buffers.Mask.Count != tokens))
        {
            return RejectionReason.WrongArity;
        }

        var (kept, told) = (0, buffers.HasMask || buffers.Length is not null);
        for (var i = 0; i < (buffers.Length ?? tokens); i++)
        {
            var (x, y) = (current.Values[i], reference.Values[i]);
            var absent = double.IsNaN(x) || double.IsNaN(y);
            if ((absent && i == 0) || (buffers.HasMask && buffers.Mask.Values[i] == 0))
            {
                continue;
            }

            if (!double.IsFinite(x) || double.IsNaN(y) || double.IsPositiveInfinity(y))
            {
                return !absent || told ? RejectionReason.NotFinite : Padded(model);
            }

            current.Values[kept] = x;
            reference.Values[kept++] = y;
        }

        if (kept == 0)
        {
            return RejectionReason.WrongArity;
        }

        current.Truncate(kept);
        reference.Truncate(kept);
        return told ? RejectionReason.None
            : tokens > 1 && TokenPadding.IsThere(current.Values, reference.Values) ? Padded(model)
            : _padded.Refuses(model, looksPadded: false) ? RejectionReason.Padding
            : RejectionReason.None;
    }

    private RejectionReason Padded(ReadOnlySpan<char> model)
    {
        _padded.Refuses(model, looksPadded: true);
        return RejectionReason.Padding;
    }

    /// <summary>Whether the output gives every class a number and names none.</summary>
    /// <param name="classes">How many classes the numbers are over.</param>
    public bool IsByPosition(PredictionField form, out int classes)
    {
        classes = (form == PredictionField.Multilabel ? 2 : 1) * buffers.Output.Count;
        return (form & AllClasses) != 0 && !buffers.Output.Named && classes > 1;
    }

    /// <summary>Whether an output that gives every class a number has named some that its inferred class space does not have.</summary>
    public bool LacksNames(PredictionField form, PredictionRecord record) =>
        (form & AllClasses) != 0
        && buffers.Output.Named
        && record.Classes is { Generation: ModelClasses.Inferred }
        && record.Probabilities[^1] > 0;

    /// <summary>Whether there is a number for each class; classes that nothing has fixed yet fit any.</summary>
    public bool FitsInto(ModelClasses? classes) =>
        classes is null
        || buffers.Output.Named
        || (buffers.Output.ClassCount == classes.Space.ClassCount
            && (buffers.Output.AreIndependent ? classes.Space.IsIndependent : classes.Space.Choices == 1));

    /// <summary>Makes a record of an output that passed every check.</summary>
    public void Fill(PredictionField form, PredictionRecord record, WatchedModel model, ModelClasses classes)
    {
        if (classes.Space.CellCount > PaneSums.MaxDenseCells
            && form != PredictionField.Multilabel // classes that do not hold have mass as well
            && (buffers.Output.Named || form == PredictionField.PolicyLogprobs))
        {
            record.BeginFew(model, classes);
            FillFew(form, record);
        }
        else
        {
            Fill(record.Begin(model, classes), form, record);
        }
    }

    /// <summary>Puts a vocabulary's few tokens into the record: nothing here goes over all classes.</summary>
    private void FillFew(PredictionField form, PredictionRecord record)
    {
        if (form == PredictionField.PolicyLogprobs)
        {
            record.Sampled = SampledKullbackLeibler.MeanOf(buffers.Output.Values, buffers.Reference.Values);
        }
        else
        {
            buffers.Output.AddInto(record);
            record.Paired = form == PredictionField.Policy ? PairedOfFew(record) : null;
        }
    }

    /// <summary>The divergences over the cells that either policy names, in their order: in all others both are 0.</summary>
    private PairedKullbackLeibler PairedOfFew(PredictionRecord record)
    {
        var space = record.Classes.Space;
        var cells = buffers.NamedCells;
        var reference = buffers.ReferenceOver(space.CellCount);
        cells.Clear();
        cells.AddRange(record.FewCells);
        buffers.Reference.AddCellsTo(cells, space);
        cells.Sort();
        foreach (var cell in cells)
        {
            reference[cell] = 0; // elsewhere it holds what was before
        }

        buffers.Reference.AddInto(reference, space);
        var (p, q) = (buffers.FewOfCurrent, buffers.FewOfReference);
        p.Clear();
        q.Clear();
        for (var i = 0; i < cells.Count; i++)
        {
            if (i == 0 || cells[i] != cells[i - 1])
            {
                p.Add(record.Probabilities[cells[i]]);
                q.Add(reference[cells[i]]);
            }
        }

        return PairedKullbackLeibler.Of(CollectionsMarshal.AsSpan(p), CollectionsMarshal.AsSpan(q));
    }

    private void Fill(Span<double> cells, PredictionField form, PredictionRecord record)
    {
        var output = buffers.Output;
        var space = record.Classes.Space;
        switch (form)
        {
            case PredictionField.Score:
                cells[record.Classes.Bins!.CellOf(output.Values[0])] = 1;
                break;
            case PredictionField.PolicyLogprobs:
                record.Sampled = SampledKullbackLeibler.MeanOf(output.Values, buffers.Reference.Values);
                break;
            case PredictionField.Policy:
                var reference = buffers.ReferenceOver(cells.Length);
                reference.Clear();
                buffers.Reference.AddInto(reference, space);
                output.AddInto(cells, space);
                record.Paired = PairedKullbackLeibler.Of(cells, reference);
                break;
            default:
                output.AddInto(cells, space);
                break;
        }
    }
}
