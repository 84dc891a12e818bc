using System.Reactive.Linq;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.References;

/// <summary>Builds snapshots from recorded predictions, and their labels if there are some.</summary>
internal static class ReferenceFromPredictions
{
    private const double MostOther = 0.01;
    private const int MostNames = 100_000; // of models and of segments, as replay has: versions are segments, three a day for years

    /// <summary>Builds them from a file.</summary>
    /// <exception cref="InvalidReferenceException">None is a prediction; says why the first is not.</exception>
    public static Result Build(
        string path, string? model, ClassSpace? classes, int version, DateTimeOffset createdAt, RecordedSource? source = null) =>
        Build(
            new PredictionFiles([new RecordedFile(new FileInfo(path))], (source ?? RecordedSource.OwnJson).Source), model, classes, version,
            createdAt, source: source);

    /// <param name="predictions">They are read several times.</param>
    /// <param name="model">The model of lines that name none, null for their source's.</param>
    /// <param name="classes">The classes, null to take them from the predictions (<see cref="PredictionSurvey"/>).</param>
    /// <param name="scoreBins">How many bins the scores of a model are put into.</param>
    /// <param name="labels">Labels of the predictions, null for none. What is joined is held in memory.</param>
    /// <param name="source">How the predictions are read, null for DriftMonitor's own JSON.</param>
    /// <param name="versions">Whether each version gets a distribution of its own.</param>
    /// <param name="only">The one model that is built, and whose classes are given; null for all. What others have is passed over.</param>
    /// <param name="panes">When panes close, within which duplicates are found; null for the default settings.</param>
    /// <returns>A snapshot for each of their models, and what became of the lines that are in none.</returns>
    /// <exception cref="InvalidReferenceException">None is a prediction; says why the first is not.</exception>
    public static Result Build(
        IRecordedPredictions predictions, string? model, ClassSpace? classes, int version, DateTimeOffset createdAt,
        int scoreBins = ScoreBins.DefaultCount,
        Labels? labels = null, RecordedSource? source = null, bool versions = false, string? only = null, WindowPlan? panes = null)
    {
        var how = (source ?? RecordedSource.OwnJson).WithModel(model);
        var counts = only is null ? new RecordCounts() : new RecordCounts("Sources");
        var models = new WatchedModels(maxModels: MostNames, maxSegmentsPerModel: MostNames, acceptUnknown: true);
        var decoder = new PredictionDecoder(models, how.Limits);
        var surveyed = PredictionSurvey.Of(predictions, how, scoreBins, unnamed: true);
        if ((only ?? model) is { } known && classes is not null)
        {
            known = decoder.ModelOf(known);
            models.Add(known).Fix(new ModelClasses(AsFound(classes, surveyed.GetValueOrDefault(known)), ModelClasses.Configured));
        }

        foreach (var (name, found) in surveyed)
        {
            models.Add(name).Fix(found);
        }

        var reader = new PredictionReader(how.Source, decoder, how.Limits.MaxBytes);
        var builders = new Dictionary<string, ReferenceBuilder>(StringComparer.Ordinal);
        var withoutDistribution = new Dictionary<string, WithoutDistribution>(StringComparer.Ordinal);
        var withoutTime = new SortedDictionary<string, long>(StringComparer.Ordinal);
        predictions.Read(
            read =>
            {
                for (reader.Begin(read.Value, read.IsNull, read.Headers, read.Key); reader.TryNext();)
                {
                    if (only is not null && reader.Model is { } other && other.Name != only)
                    {
                        continue;
                    }

                    reader.Record.RecordTimeMs = read.TimeMs ?? 0;
                    counts.Count(reader.Record.Rejection, reader.Record.IsIgnored, reader.Undeclared, reader.Where, read);
                    Add(reader.Record, hasUnreadableTime: reader.FallenBack.HasFlag(PredictionField.Timestamp) && read.TimeMs is null);
                }
            },
            _ => { });
        var rejected = new SortedDictionary<RejectionReason, long>(counts.Rejected.ToDictionary());
        void Add(PredictionRecord record, bool hasUnreadableTime)
        {
            if (record.Rejection != RejectionReason.None || record.IsIgnored)
            {
                return;
            }

            var name = record.Model.Name;
            if (hasUnreadableTime)
            {
                withoutTime[name] = withoutTime.GetValueOrDefault(name) + 1;
            }

            if (builders.TryGetValue(name, out var builder))
            {
                builder.Add(record);
            }
            else if (record.HasDistribution)
            {
                withoutDistribution.Remove(name, out var before);
                builders[name] = builder = new ReferenceBuilder(
                    name, record.Classes.Space, bins: record.Classes.Bins, policies: before?.Policies, versions: versions,
                    panes: panes);
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
        }

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
            throw new InvalidReferenceException(predictions.Name, new ArgumentException(
                $"not a snapshot, and no line is a prediction{(only is null ? "" : $" of {only}")} that a reference can be built "
                + $"of ({RecordCounts.Text(rejected)}){string.Concat(refused.Concat(counts.Samples).Select(line => $"; {line}"))}"));
        }

        var labelCounts = new RecordCounts(only is null ? "--feedback-source" : "Sources");
        var feedback = labels is null ? null : new ReplayFeedback(
            predictions.Decode(how, models).Where(record => only is null || record.Model?.Name == only),
            labels.Records.Labels(labels.Source.WithModel(model), models, labelCounts).Where(label => only is null || label.Model == only),
            labels.Plan,
            (name, prediction, outcome) => builders.GetValueOrDefault(name)?.AddLabel(
                prediction.TimeMs, outcome.LossUnits, outcome.Correct, outcome.Capped));
        ImmutableArray<ReferenceSnapshot> snapshots = [.. builders.Values.Select(builder => builder.Build(version, createdAt))];
        var withoutBaseline = builders.Where(one => one.Value.LossesAreCapped)
            .OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"no baseline of cross-entropy for {one.Key}: {one.Value.CappedLabels} of its {one.Value.Labels} labels name classes that "
                + $"their predictions rule out (a probability of 0), which costs the cap of {FeedbackOutcome.MaxLossNats:0.0} nats a "
                + $"class, "
                + $"and more than a tenth is too many. Look whether labels mean the same classes as predictions do, in the same order; "
                + $"then build it again"));
        return new Result(
            snapshots, rejected.ToImmutableSortedDictionary(),
            [
                .. refused, .. builders.OrderBy(one => one.Key, StringComparer.Ordinal).Select(OfDuplicates).OfType<string>(),
                .. withoutBaseline, .. snapshots.Select(OfOther).OfType<string>(), .. withoutTime.Select(OfTimeless),
            ],
            feedback, counts, labelCounts);
    }

    /// <summary>Classes that were given by their names: each by itself, if the outputs are such.</summary>
    private static ClassSpace AsFound(ClassSpace given, ModelClasses? found) =>
        found is { Space.IsIndependent: true } && !given.IsIndependent && ClassSpace.TryCreateIndependent(given.Names, out var pairs, out _)
            ? pairs
            : given;

    private static string? OfDuplicates(KeyValuePair<string, ReferenceBuilder> built) => built.Value.Duplicates == 0 ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{built.Value.Duplicates} predictions of {built.Key} have the id of one before them and count once: "
            + $"{ReasonText.DuplicateRemedy}");

    /// <summary>What comes of predictions of which nobody knows when they were made.</summary>
    private static string OfTimeless(KeyValuePair<string, long> timeless) => string.Create(
        CultureInfo.InvariantCulture,
        $"warning: {timeless.Value} predictions of {timeless.Key} have a time that cannot be read: when traffic came is not known, "
        + $"so no budget has thresholds. Give ts in milliseconds since 1970, or name its unit: --source with a Map and TimeUnit");

    /// <summary>What is wrong if much of a reference is in no class of its own, null if it is not.</summary>
    private static string? OfOther(ReferenceSnapshot snapshot)
    {
        var share = snapshot.All.ShareOf(snapshot.ClassSpace.OtherIndex);
        return share < MostOther ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"warning: {100 * share:0.0} % of the reference of {snapshot.Model} is {ClassSpace.Other}, of classes that it does not name: "
            + $"drift among them will not be seen. Name all classes with --classes, or leave --classes out");
    }

    internal sealed record Result(
        ImmutableArray<ReferenceSnapshot> Snapshots, ImmutableSortedDictionary<RejectionReason, long> Rejected,
        ImmutableArray<string> Refused, ReplayFeedback? Labels, RecordCounts Counts, RecordCounts LabelCounts);

    /// <summary>Recorded labels, how they are read, and how far their time may be from their predictions'.</summary>
    internal sealed record Labels(IRecordedPredictions Records, RecordedSource Source, TimeSpan Horizon)
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
