using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Promotion;

/// <summary>Builds a model's reference from its live traffic within a range of time, with the service's own sources and labels.</summary>
/// <remarks>It reads the service's topics by itself, as the service does but in no consumer group: what runs is not touched.</remarks>
internal sealed class LivePromotion
{
    private readonly MonitorSettings _settings;
    private readonly string _model;
    private readonly long _fromMs;
    private readonly long _toMs;
    private readonly SourceSettings _source;
    private ReferenceSnapshot? _before;
    private string? _lack;

    /// <param name="fromMs">The first record timestamp of the traffic, epoch milliseconds.</param>
    /// <param name="toMs">Where it ends, exclusive.</param>
    /// <param name="topic">The topic of predictions that the model is in; null where that is clear.</param>
    /// <exception cref="InvalidConfigurationException">The topic is not clear, or none of the service's.</exception>
    public LivePromotion(MonitorSettings settings, string model, long fromMs, long toMs, string? topic)
    {
        (_settings, _model, _fromMs, _toMs) = (settings, model, fromMs, toMs);
        _source = Source(topic);
    }

    /// <summary>Whether classes are taken from the predictions, not from the reference in use.</summary>
    public bool NewClasses { get; init; }

    /// <summary>How many bins the scores of a model are put into.</summary>
    public int ScoreBins { get; init; } = DriftMonitor.Model.ScoreBins.DefaultCount;

    /// <summary>The version that it gets; null for one above all that there are.</summary>
    public int? Version { get; init; }

    /// <summary>Whether the range ends before it begins.</summary>
    public bool IsEmpty => _toMs <= _fromMs;

    /// <summary>What it is of, in words.</summary>
    public string Name => $"{_source.Topic} from {TimeText.Utc(_fromMs)} to {TimeText.Utc(_toMs)}";

    /// <summary>Reads the range, twice or more.</summary>
    /// <param name="shown">What is done to show how far reading is.</param>
    /// <param name="tell">Told what is worth a line meanwhile.</param>
    /// <exception cref="InvalidConfigurationException">The range holds nothing that a reference can be built from.</exception>
    public ReferenceFromPredictions.Result Build(
        PushedTopic topic, DateTimeOffset now, Func<IRecordedPredictions, IRecordedPredictions> shown, Action<string> tell)
    {
        var (labels, lack) = Labels(shown, tell);
        (_before, _lack) = (topic.InUse.Of(_model), lack);
        return ReferenceFromPredictions.Build(
            Range(_source, _toMs, shown, tell), null, Classes(_before), Version ?? (topic.HighestVersion(_model) + 1), now, ScoreBins,
            labels, new RecordedSource(_source, _settings.Limits), only: _model, panes: _settings.Plan);
    }

    /// <summary>Pushes what was built, unless that was pushed last and is in use.</summary>
    /// <param name="record">It as a record.</param>
    /// <param name="topic">As it is after the building, which takes minutes: somebody may have pushed or undone another meanwhile.</param>
    /// <param name="by">Who does it.</param>
    /// <returns>What is in use then, and where it was written; null where it is in use already.</returns>
    /// <exception cref="InvalidConfigurationException">Another one has its version by now.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached, or do not take it.</exception>
    public async Task<(ReferenceSnapshot Used, string? Place)> PushAsync(
        ReferenceSnapshot built, ReferenceRecord record, PushedTopic topic, string by)
    {
        if (Version is null && topic.SameInUse(built) is { } used)
        {
            return (used, null);
        }

        return Version is null && topic.HighestVersion(_model) >= built.Version
            ? throw new InvalidConfigurationException(
                [string.Create(CultureInfo.InvariantCulture, $"version {built.Version} of {_model} was pushed meanwhile: ask again")])
            : (built, await topic.PushAsync(record, Name, by));
    }

    /// <summary>The record that a snapshot is pushed as.</summary>
    /// <exception cref="InvalidConfigurationException">It is too large for one.</exception>
    public static ReferenceRecord Record(ReferenceSnapshot snapshot)
    {
        using var content = new MemoryStream();
        ReferenceFile.Write(snapshot, content);
        var record = ReferenceRecord.Create(snapshot, content.ToArray());
        return record.TooLarge is { } problem
            ? throw new InvalidConfigurationException([$"model = '{snapshot.Model}': {problem}"])
            : record;
    }

    /// <summary>What there is to say of what was built: what it lacks, and what was read for it.</summary>
    public IEnumerable<string> Lines(ReferenceFromPredictions.Result result)
    {
        var (snapshot, shortest) = (result.Snapshots.Single(), _settings.Plan.Windows.MinBy(window => window.LengthMs)!);
        string?[] lines =
        [
            .. CoverageText.Lines(snapshot, shortest), .. Lacks(snapshot, _before, _lack),
            $"rejected records: {RecordCounts.Text(result.Rejected)}", .. result.Refused, result.Labels?.Summary,
        ];
        return lines.OfType<string>();
    }

    /// <summary>The thresholds that the reference cannot give, a sentence each.</summary>
    private static IEnumerable<string> Lacks(ReferenceSnapshot snapshot, ReferenceSnapshot? before, string? lack)
    {
        if (snapshot.Losses is null)
        {
            var why = lack ?? (snapshot.Errors is null ? "none of its predictions has a label in the range" : "too many are capped");
            yield return $"no baseline of labels: {why}. So cross-entropy has its fixed thresholds alone "
                + "(Alarms:CrossEntropyWarningNats and CrossEntropyCriticalNats, 0 for none)"
                + (snapshot.Errors is null ? ", and accuracy has none" : "");
        }

        if (before is not null && before.ClassSpace.Id != snapshot.ClassSpace.Id)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"other classes: {TextOf(snapshot.ClassSpace)}, where version {before.Version} has "
                + $"{TextOf(before.ClassSpace)} or names them otherwise. So all windows of the model start anew with it");
        }

        if (snapshot.Policies.Count == 0 && before?.Policies.Count > 0)
        {
            yield return "no baseline of two policies, which the reference in use has: no event of the range tells of two policies. So "
                + "policy KL has its fixed thresholds alone (Alarms:PolicyKlWarningNats and PolicyKlCriticalNats, 0 for none)";
        }
    }

    private static string TextOf(ClassSpace space) => string.Create(
        CultureInfo.InvariantCulture, $"{space.DistinctNames.Count}{(space.Choices > 1 ? " that hold or not by themselves" : "")}");

    /// <summary>The classes that are configured, else those that are in use; null to take them from the predictions.</summary>
    private ClassSpace? Classes(ReferenceSnapshot? before) =>
        _settings.Classes.GetValueOrDefault(_model)
        ?? (NewClasses || before is not { Bins: null } ? null : before.ClassSpace);

    private SourceSettings Source(string? topic)
    {
        var topics = _settings.Predictions;
        if (!JsonNames.IsLabel(_model))
        {
            throw new InvalidConfigurationException([$"model = '{_model}': must be {ModelOptions.NameAllowed}"]);
        }

        if (topic is { } named)
        {
            return topics.GetValueOrDefault(named) ?? throw new InvalidConfigurationException(
                [$"--topic = '{named}': must be a topic of predictions of the service: {string.Join(", ", topics.Keys)}"]);
        }

        SourceSettings[] own =
        [
            .. topics.Values.Where(
                source => topics.Count == 1 || (source.Model is { } ofSource && _settings.Limits.Names.Map(ofSource).Model == _model)),
        ];
        return own is [var only]
            ? only
            : throw new InvalidConfigurationException(
                [$"--topic: must be given, since {_model} may be in several topics of predictions: {string.Join(", ", topics.Keys)}"]);
    }

    private (ReferenceFromPredictions.Labels? Labels, string? Lack) Labels(
        Func<IRecordedPredictions, IRecordedPredictions> shown, Action<string> tell)
    {
        if (_settings.Feedback is not { } feedback)
        {
            return (null, "the service has no topic of labels");
        }

        if (feedback.Join && !_source.Join)
        {
            return (null, $"the labels of {feedback.Source.Topic} are not joined to {_source.Topic}");
        }

        var horizon = TimeSpan.FromMilliseconds(feedback.Plan.HorizonMs);
        var records = Range(feedback.Source, _toMs + feedback.Plan.HorizonMs, shown, tell);
        return (new ReferenceFromPredictions.Labels(records, new RecordedSource(feedback.Source, _settings.Limits), horizon), null);
    }

    private IRecordedPredictions Range(
        SourceSettings source, long toMs, Func<IRecordedPredictions, IRecordedPredictions> shown, Action<string> tell) =>
        shown(new TopicRange(_settings.Client, source.Topic, source.ReadsHeaders, _fromMs, toMs, slackMs: 0, tell));
}
