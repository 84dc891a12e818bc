using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What was said of alarms: of those that are on, and of the last ones of each model that ended. Used under a lock.</summary>
internal sealed class ToldAlarms
{
    private const int MostEnded = 10;

    private readonly Dictionary<long, Told> _on = [];
    private readonly Dictionary<string, OfModel> _models = new(StringComparer.Ordinal);

    /// <summary>What was said of an alarm when it began; null when nothing has been yet.</summary>
    public string? SummaryOf(Alarm alarm) => _on.GetValueOrDefault(alarm.Number).Summary;

    /// <summary>Who works on an alarm; null for nobody.</summary>
    public Acknowledgement? AcknowledgementOf(Alarm alarm) => _on.GetValueOrDefault(alarm.Number).Acknowledged;

    /// <summary>Takes in who works on an alarm that is on, or that nobody does any more.</summary>
    public void Acknowledge(Alarm alarm, Acknowledgement? acknowledged)
    {
        _on[alarm.Number] = _on.GetValueOrDefault(alarm.Number) with { Acknowledged = acknowledged };
        NoteChange(alarm.Series.Model);
    }

    /// <summary>The last alarms of a model that ended, the last to end last.</summary>
    public ImmutableArray<StatusAlarm> Ended(string model) => _models.GetValueOrDefault(model)?.Ended ?? [];

    /// <summary>How often something has changed for a model.</summary>
    public long Changes(string model) => _models.GetValueOrDefault(model)?.Changes ?? 0;

    public void NoteChange(string model) => Of(model).Changes++;

    /// <summary>Takes in what is said of an alarm that has begun or ended, and how urgent it is to people.</summary>
    public void Note(Alarm alarm, AlarmSeverity pagesAs, string? summary)
    {
        var model = Of(alarm.Series.Model);
        model.Changes++;
        if (alarm.EndedMs is null)
        {
            _on[alarm.Number] = _on.GetValueOrDefault(alarm.Number) with { Summary = summary };
            return;
        }

        _on.Remove(alarm.Number, out var told);
        if (alarm.Pages)
        {
            model.Ended = [.. model.Ended.Add(StatusAlarm.Of(alarm, pagesAs, summary, told.Acknowledged)).TakeLast(MostEnded)];
        }
    }

    /// <summary>Takes over what a predecessor has said.</summary>
    public void Restore(string model, ImmutableArray<StatusAlarm> ended) => Of(model).Ended = ended;

    /// <summary>Forgets alarms that end unsaid.</summary>
    public void Forget(IEnumerable<Alarm> gone)
    {
        foreach (var alarm in gone)
        {
            _on.Remove(alarm.Number);
            NoteChange(alarm.Series.Model);
        }
    }

    /// <summary>Forgets models that are another replica's, or of which nothing is known any more.</summary>
    public void Forget(Func<string, bool> gone)
    {
        foreach (var model in _models.Keys.Where(gone))
        {
            _models.Remove(model);
        }
    }

    private OfModel Of(string model)
    {
        if (!_models.TryGetValue(model, out var of))
        {
            _models[model] = of = new OfModel();
        }

        return of;
    }

    private readonly record struct Told(string? Summary, Acknowledgement? Acknowledged);

    private sealed class OfModel
    {
        public long Changes { get; set; }

        public ImmutableArray<StatusAlarm> Ended { get; set; } = [];
    }
}
