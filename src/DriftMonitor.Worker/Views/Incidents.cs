namespace DriftMonitor.Worker.Views;

/// <summary>Which alarms say something that no other says already.</summary>
internal static class Incidents
{
    /// <summary>
    /// Alarms without the warnings whose critical alarm is there: of the same model, slice and kind, on at the same time, and on for as
    /// long as the warning is. The order stays.
    /// </summary>
    public static IReadOnlyList<AlarmItem> WithoutCovered(IReadOnlyList<AlarmItem> alarms)
    {
        var critical = alarms.Where(alarm => alarm.Severity == AlarmSeverity.Critical).ToLookup(KeyOf);
        return
        [
            .. alarms.Where(alarm => alarm.Severity == AlarmSeverity.Critical
                || !critical[KeyOf(alarm)].Any(worse => Covers(worse, alarm))),
        ];
    }

    /// <summary>How many of them are on and reach people as critical, and how many as warnings.</summary>
    public static (int Critical, int Warnings) Count(IReadOnlyList<AlarmItem> alarms)
    {
        var paging = WithoutCovered(alarms).Where(alarm => alarm is { EndedMs: null, Pages: true })
            .ToLookup(alarm => alarm.PagesAs == AlarmSeverity.Critical);
        return (paging[true].Count(), paging[false].Count());
    }

    /// <summary>The same of a model.</summary>
    public static ModelDetail WithoutCovered(ModelDetail model) =>
        model with { Alarms = [.. WithoutCovered(model.Alarms)], Ended = [.. WithoutCovered(model.Ended)] };

    /// <summary>The same of the others that are on beside an alarm.</summary>
    public static AlarmDetail WithoutCovered(AlarmDetail alarm) => alarm with
    {
        Others = [.. WithoutCovered([alarm.Alarm, .. alarm.Others]).Where(other => other != alarm.Alarm)],
    };

    private static (string Model, string Segment, AlarmKind Kind) KeyOf(AlarmItem alarm) => (alarm.Model, alarm.Segment, alarm.Kind);

    private static bool Covers(AlarmItem critical, AlarmItem warning) =>
        (critical.Pages || !warning.Pages)
        && (critical.EndedMs is null || warning.EndedMs is not null)
        && critical.BeganMs <= (warning.EndedMs ?? long.MaxValue)
        && warning.BeganMs <= (critical.EndedMs ?? long.MaxValue);
}
