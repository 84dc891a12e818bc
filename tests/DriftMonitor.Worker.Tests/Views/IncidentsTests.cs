using DriftMonitor.Alarms;
using DriftMonitor.Worker.Tests.Pages;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Views;

/// <summary>Which warnings a critical alarm says already.</summary>
public sealed class IncidentsTests
{
    private static readonly AlarmItem Critical = PageData.Alarm with { BeganMs = 100, EndedMs = null, Pages = true };
    private static readonly AlarmItem Warning = Critical with
    {
        Severity = AlarmSeverity.Warning,
        PagesAs = AlarmSeverity.Warning,
        BeganMs = 90,
    };

    [Fact]
    public void A_warning_beside_its_critical_alarm_is_left_out() =>
        Assert.Equal([Critical], Incidents.WithoutCovered([Critical, Warning]));

    /// <summary>Of a model whose alarms page as warnings at most.</summary>
    [Fact]
    public void It_is_left_out_where_the_critical_alarm_reaches_people_as_a_warning()
    {
        var capped = Critical with { PagesAs = AlarmSeverity.Warning };
        Assert.Equal([capped], Incidents.WithoutCovered([capped, Warning]));
    }

    [Fact]
    public void Another_slice_kind_model_or_time_is_another_incident()
    {
        AlarmItem[] all =
        [
            Critical with { EndedMs = 200 }, Warning with { Segment = "de" }, Warning with { Kind = AlarmKind.Accuracy },
            Warning with { Model = "other" }, Warning with { BeganMs = 300, EndedMs = 400 }, Warning, // which goes on
        ];
        Assert.Equal(all, Incidents.WithoutCovered(all));
    }

    [Fact]
    public void A_warning_that_pages_is_shown_beside_a_critical_alarm_that_does_not()
    {
        var told = Critical with { Pages = false };
        Assert.Equal([told, Warning], Incidents.WithoutCovered([told, Warning]));
    }

    [Fact]
    public void One_that_has_ended_is_left_out_beside_the_critical_alarm_of_its_time()
    {
        var (critical, warning) = (Critical with { EndedMs = 200 }, Warning with { EndedMs = 150 });
        Assert.Equal([critical], Incidents.WithoutCovered([critical, warning]));
    }
}
