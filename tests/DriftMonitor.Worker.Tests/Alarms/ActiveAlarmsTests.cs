using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Alarms;

public sealed class ActiveAlarmsTests
{
    private static readonly SeriesKey Series = new("m", SeriesKey.All);
    private readonly ActiveAlarms _shown = new(new ModelOwners(
        ImmutableSortedDictionary<string, ModelOwner>.Empty.Add("calm", ModelOwner.Nobody with { MaxSeverity = AlarmSeverity.Warning })));

    [Fact]
    public void Alarms_that_began_by_different_windows_are_series_of_their_own()
    {
        _shown.Show(Series, [Of(0), Of(1)]);
        Assert.Equal(["5m", "1h"], _shown.All.Select(shown => (string)shown.Labels[^1].Value!));
        _shown.Show(Series, [Of(1)]);
        Assert.Equal("1h", Assert.Single(_shown.All).Labels[^1].Value);
        Assert.Equal((2, 1), (_shown.LabelSets.Issued, _shown.LabelSets.Alive));
    }

    [Fact]
    public void Alarms_with_the_same_labels_are_shown_as_long_as_any_is_on()
    {
        _shown.Show(Series, [Of(0), Of(0, beganMs: 10)]);
        Assert.Equal(0, Assert.Single(_shown.All).Value.BeganMs);
        _shown.Show(Series, [Of(0, beganMs: 10)]);
        Assert.Equal(10, Assert.Single(_shown.All).Value.BeganMs);
        Assert.Equal((1, 1), (_shown.LabelSets.Issued, _shown.LabelSets.Alive));
        _shown.Show(Series, []);
        Assert.Empty(_shown.All);
        Assert.Equal(0, _shown.LabelSets.Alive);
    }

    [Fact]
    public void One_that_nobody_has_to_hear_of_is_not_shown()
    {
        _shown.Show(Series, [Of(0) with { Pages = false }]);
        Assert.Empty(_shown.All);
    }

    [Fact]
    public void What_is_hidden_leaves_the_alarms_of_other_kinds()
    {
        _shown.Show(Series, [Of(0), Of(0) with { Kind = AlarmKind.PolicyKl }]);
        _shown.Hide((series, kind) => series == Series && kind == AlarmKind.OutputDrift);
        Assert.Equal(AlarmKind.PolicyKl, Assert.Single(_shown.All).Value.Kind);
    }

    /// <summary>A warning may have been joined to the critical one, of which nobody would hear then.</summary>
    [Fact]
    public void A_critical_alarm_of_a_model_that_has_warnings_at_most_is_shown_as_a_warning()
    {
        var calm = new SeriesKey("calm", SeriesKey.All);
        var critical = Of(0) with { Series = calm };
        _shown.Show(calm, [critical]);
        Assert.Contains(KeyValuePair.Create("severity", (object?)"warning"), Assert.Single(_shown.All).Labels);
        Assert.Equal(AlarmSeverity.Critical, _shown.All.Single().Value.Severity);

        _shown.Show(calm, [critical, critical with { Severity = AlarmSeverity.Warning }]);
        Assert.Single(_shown.All);
        Assert.Equal((1, 1), (_shown.LabelSets.Issued, _shown.LabelSets.Alive));
    }

    private static Alarm Of(int window, long beganMs = 0)
    {
        var (spec, reading) = (Reported.Windows[window], new Reading(AlarmSeverity.Critical, Measure.KlLiveVsReference, 1, 0.5, null));
        return new Alarm(
            Series, AlarmKind.OutputDrift, AlarmSeverity.Critical, beganMs, null, reading, spec, reading, spec, beganMs, [spec.Name]);
    }
}
