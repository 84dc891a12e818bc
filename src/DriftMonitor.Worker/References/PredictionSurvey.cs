using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.References;

/// <summary>
/// What must be known of a whole file before its first prediction can be read: the quantiles of scores, and the tokens among the most
/// probable ones, of which no prediction names all.
/// </summary>
internal static class PredictionSurvey
{
    /// <param name="model">The model of lines that name none, null when all do.</param>
    /// <param name="scoreBins">How many bins scores are put into.</param>
    /// <returns>The classes of the models that have scores or tokens; of the others the first prediction says them.</returns>
    public static Dictionary<string, ModelClasses> Of(string path, string? model, int scoreBins)
    {
        var buffers = new PredictionBuffers();
        var scores = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var tokens = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        JsonLines.Read(path, (line, _, _) =>
        {
            var json = new PredictionJson(line, buffers);
            var problem = json.Read();
            var parsed = json.Parsed;
            if (problem != RejectionReason.None
                || parsed.Form is not (PredictionField.Score or PredictionField.TopLogprobs or PredictionField.TopProbs)
                || (parsed.Model.IsEmpty ? model : Encoding.UTF8.GetString(parsed.Model)) is not { } name || !JsonNames.IsLabel(name))
            {
                return;
            }

            if (parsed.Form == PredictionField.Score)
            {
                Of(scores, name).Add(buffers.Output.Values[0]);
            }
            else
            {
                Of(tokens, name).UnionWith(buffers.Output.Names());
            }
        });
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
