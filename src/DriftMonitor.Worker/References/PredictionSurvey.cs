using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.References;

/// <summary>
/// What must be known of a whole file before its first prediction can be read: the quantiles of scores, and the tokens among the most
/// probable ones, of which no prediction names all.
/// </summary>
internal static class PredictionSurvey
{
    /// <param name="how">How the predictions are read.</param>
    /// <param name="scoreBins">How many bins scores are put into.</param>
    /// <returns>The classes of the models that have scores or tokens; of the others the first prediction says them.</returns>
    public static Dictionary<string, ModelClasses> Of(IRecordedPredictions predictions, RecordedSource how, int scoreBins)
    {
        var none = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 0, acceptUnknown: false);
        var reader = new PredictionReader(how.Source, new PredictionDecoder(none, how.Limits), how.Limits.MaxBytes);
        var scores = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var tokens = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        predictions.Read(
            record => reader.Survey(record, (model, form, output) =>
            {
                if (form is not (PredictionField.Score or PredictionField.TopLogprobs or PredictionField.TopProbs)
                    || (model.IsEmpty ? how.Source.Model : Encoding.UTF8.GetString(model)) is not { } name || !JsonNames.IsLabel(name))
                {
                    return;
                }

                if (form == PredictionField.Score)
                {
                    Of(scores, name).Add(output.Values[0]);
                }
                else
                {
                    Of(tokens, name).UnionWith(output.Names());
                }
            }),
            _ => { });
        var classes = new Dictionary<string, ModelClasses>(StringComparer.Ordinal);
        foreach (var (name, seen) in tokens)
        {
            seen.Add(ClassSpace.Rest);
            if (ClassSpace.TryCreate([.. seen], out var space, out _)) // too many for a space: the first prediction's, as of other models
            {
                classes[name] = new ModelClasses(space, ModelClasses.Configured);
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

    private static T Of<T>(Dictionary<string, T> all, string name)
        where T : new() => all.TryGetValue(name, out var known) ? known : all[name] = new T();
}
