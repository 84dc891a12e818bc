using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.References;

/// <summary>Builds snapshots from a file of predictions, and one of their labels if there is one; one JSON document a line.</summary>
internal static class ReferenceFromPredictions
{
    /// <param name="model">The model of lines that name none, null when all do.</param>
    /// <param name="classes">The classes, null to take them from the predictions (<see cref="PredictionSurvey"/>).</param>
    /// <param name="scoreBins">How many bins the scores of a model are put into.</param>
    /// <param name="labels">Labels of the predictions, null for none. What is joined is held in memory.</param>
    /// <returns>A snapshot for each model in the file, and what became of the lines that are in none.</returns>
    /// <exception cref="InvalidReferenceException">No line of the file is a prediction; says why the first is not.</exception>
    public static Result Build(
        string path, string? model, ClassSpace? classes, int version, DateTimeOffset createdAt, int scoreBins = ScoreBins.DefaultCount,
        Labels? labels = null)
    {
        var models = new WatchedModels(maxModels: 1_000, maxSegmentsPerModel: 1_000, acceptUnknown: true);
        if (model is not null && classes is not null)
        {
            models.Add(model).Fix(new ModelClasses(classes, ModelClasses.Configured));
        }

        foreach (var (name, found) in PredictionSurvey.Of(path, model, scoreBins))
        {
            models.Add(name).Fix(found);
        }

        var decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        var record = new PredictionRecord();
        var builders = new Dictionary<string, ReferenceBuilder>(StringComparer.Ordinal);
        var withoutDistribution = new Dictionary<string, WithoutDistribution>(StringComparer.Ordinal);
        var rejected = new SortedDictionary<RejectionReason, long>();
        JsonLines.Read(path, (line, _, _) =>
        {
            decoder.Decode(line, model, default, record);
            if (record.Rejection != RejectionReason.None)
            {
                rejected[record.Rejection] = rejected.GetValueOrDefault(record.Rejection) + 1;
                return;
            }

            var name = record.Model.Name;
            if (builders.TryGetValue(name, out var builder))
            {
                builder.Add(record);
            }
            else if (record.HasDistribution)
            {
                withoutDistribution.Remove(name, out var before);
                builders[name] = builder = new ReferenceBuilder(
                    name, record.Classes.Space, bins: record.Classes.Bins, policies: before?.Policies);
                builder.Add(record);
            }
            else
            {
                if (!withoutDistribution.TryGetValue(name, out var waiting))
                {
                    withoutDistribution[name] = waiting = new WithoutDistribution();
                }

                waiting.Lines++;
                waiting.Policies.Add(record);
            }
        });
        if (withoutDistribution.Values.Sum(waiting => waiting.Lines) is > 0 and var lines)
        {
            rejected[RejectionReason.FormMismatch] = rejected.GetValueOrDefault(RejectionReason.FormMismatch) + lines;
        }

        string[] refused = [.. withoutDistribution.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"no reference for {one.Key}: its {one.Value.Lines} lines only tell of two policies, and a reference is over the classes "
            + $"of a distribution"))];
        if (builders.Count == 0)
        {
            throw new InvalidReferenceException(path, new ArgumentException(
                $"not a snapshot, and no line is a prediction that a reference can be built of "
                + $"({Text(rejected)}){string.Concat(refused.Select(line => $"; {line}"))}"));
        }

        var feedback = labels is null ? null : new ReplayFeedback(
            new PredictionFiles([new FileInfo(path)]).Decode(models, model),
            RecordedRuns.Labels(labels.Path, models, model),
            labels.Plan,
            (name, prediction, outcome) => builders.GetValueOrDefault(name)?.AddLoss(prediction.TimeMs, outcome.LossUnits));
        return new Result(
            [.. builders.Values.Select(builder => builder.Build(version, createdAt))], rejected.ToImmutableSortedDictionary(), [.. refused],
            feedback?.Summary);
    }

    /// <summary>Rejections as people read them: <c>12 wrong_arity, 1 malformed</c>.</summary>
    public static string Text(IEnumerable<KeyValuePair<RejectionReason, long>> rejected) =>
        string.Join(", ", rejected.Select(reason => FormattableString.Invariant($"{reason.Value} {RejectionLabels.Of(reason.Key)}"))) is
        {
            Length: > 0,
        } text
            ? text
            : "none";

    internal sealed record Result(
        ImmutableArray<ReferenceSnapshot> Snapshots, ImmutableSortedDictionary<RejectionReason, long> Rejected,
        ImmutableArray<string> Refused, string? Labels);

    /// <summary>A file of labels, and how far their time may be from their predictions'.</summary>
    internal sealed record Labels(string Path, TimeSpan Horizon)
    {
        /// <summary>The join's plan. Its sums over windows are not looked at: of the longest ones there are the fewest.</summary>
        public FeedbackPlan Plan => new(WindowPlan.Create([Day], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), Horizon);

        private static WindowSpec Day =>
            WindowSpec.TryParse("1d/1d", out var day, out var problem) ? day : throw new InvalidOperationException(problem);
    }

    /// <summary>What there was of a model before its first distribution.</summary>
    private sealed class WithoutDistribution
    {
        public PolicyBaselinesBuilder Policies { get; } = new();

        public long Lines { get; set; }
    }
}
