using System.Runtime.InteropServices;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.References;

/// <summary>
/// What must be known of a whole file before its first prediction can be read: the quantiles of scores, the classes, of which no
/// prediction needs to name all, and how many there are where none is named.
/// </summary>
internal static class PredictionSurvey
{
    private const PredictionField OfAllClasses =
        PredictionField.Probs | PredictionField.Logits | PredictionField.Logprobs | PredictionField.Policy | PredictionField.Multilabel;

    private const PredictionField OfClasses = OfAllClasses | PredictionField.Label | PredictionField.TopLogprobs | PredictionField.TopProbs;

    /// <param name="how">How the predictions are read.</param>
    /// <param name="scoreBins">How many bins scores are put into; 0 to leave scores alone.</param>
    /// <param name="unnamed">
    /// Whether classes without names are as many as most predictions of the model have: a warm-up that comes first decides nothing.
    /// </param>
    /// <returns>
    /// The classes of the models whose outputs name them, or are scores. Of others, and of those with more than a space may have, the first
    /// prediction says them.
    /// </returns>
    public static Dictionary<string, ModelClasses> Of(
        IRecordedPredictions predictions, RecordedSource how, int scoreBins, bool unnamed)
    {
        var none = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 0, acceptUnknown: false);
        var decoder = new PredictionDecoder(none, how.Limits);
        var reader = new PredictionReader(how.Source, decoder, how.Limits.MaxBytes);
        var scores = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var names = new Dictionary<(string Model, bool AreIndependent), Named>();
        var counts = new Dictionary<string, Dictionary<(int Values, bool AreIndependent), long>>(StringComparer.Ordinal);
        predictions.Read(
            record => reader.Survey(record, (model, _, form, output) =>
            {
                var areIndependent = form == PredictionField.Multilabel;
                var byPosition = unnamed && (form & OfAllClasses) != 0 && !output.Named && (areIndependent || output.Count > 1);
                if (form == PredictionField.Score ? scoreBins == 0 : !byPosition && ((form & OfClasses) == 0 || !output.Named))
                {
                    return;
                }

                if ((model.IsEmpty ? how.Source.Model : Encoding.UTF8.GetString(model)) is not { } name || !JsonNames.IsLabel(name))
                {
                    return;
                }

                name = decoder.ModelOf(name);
                if (form == PredictionField.Score)
                {
                    Of(scores, name).Add(output.Values[0]);
                    return;
                }

                if (byPosition)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(Of(counts, name), (output.Count, areIndependent), out bool _)++;
                    return;
                }

                var seen = Of(names, (name, areIndependent));
                seen.Outputs++;
                output.AddNamesTo(seen.Names);
                if (form is PredictionField.TopLogprobs or PredictionField.TopProbs)
                {
                    seen.Names.Add(ClassSpace.Rest);
                }
            }),
            _ => { });
        var classes = new Dictionary<string, ModelClasses>(StringComparer.Ordinal);
        foreach (var ((name, areIndependent), seen) in names.OrderByDescending(one => one.Value.Outputs))
        {
            var found = areIndependent ? InferredSpaces.OfIndependentNames(seen.Names) : InferredSpaces.OfNames(seen.Names);
            if (found is { ClassCount: > 1 } space)
            {
                classes.TryAdd(name, new ModelClasses(space, ModelClasses.Configured));
            }
        }

        foreach (var (name, seen) in counts)
        {
            var (most, areIndependent) = seen.MaxBy(count => count.Value).Key; // of equal ones the first
            if (most <= PredictionDecoder.MaxInferredClasses)
            {
                classes.TryAdd(
                    name,
                    new ModelClasses(
                        areIndependent ? InferredSpaces.OfIndependentPositions(most) : ClassSpace.Indexed(most), ModelClasses.Configured));
            }
        }

        foreach (var (name, seen) in scores)
        {
            if (ScoreBins.OfQuantiles(seen, scoreBins) is { } bins)
            {
                classes[name] = new ModelClasses(bins.Space, ModelClasses.Configured, bins);
            }
        }

        return classes;
    }

    private sealed class Named
    {
        public HashSet<string> Names { get; } = [];

        public long Outputs { get; set; }
    }

    private static T Of<TKey, T>(Dictionary<TKey, T> all, TKey name)
        where TKey : notnull
        where T : new() => all.TryGetValue(name, out var known) ? known : all[name] = new T();
}
