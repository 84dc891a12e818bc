using DriftMonitor.Alarms;
using DriftMonitor.Worker.Tests.Pages;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Views;

public sealed class AlarmOrderTests
{
    private static readonly AlarmItem Critical = PageData.Alarm with { BeganMs = 100, EndedMs = null, Pages = true };

    private static readonly AlarmItem Warning = Critical with
    {
        Severity = AlarmSeverity.Warning,
        PagesAs = AlarmSeverity.Warning,
        BeganMs = 300,
    };

    [Fact]
    public void Who_needs_somebody_most_comes_first()
    {
        AlarmItem[] wanted =
        [
            Critical with { BeganMs = 200 }, Critical, // the last to begin first
            Critical with { PagesAs = AlarmSeverity.Warning }, // it reaches people as a warning, whatever it began as
            Warning,
            Critical with { Pages = false, BeganMs = 400 }, // nobody is paged
            Critical with { BeganMs = 500, EndedMs = 600 }, Critical with { EndedMs = 550 },
            Warning with { EndedMs = 700 },
        ];

        Assert.Equal(wanted, wanted.Reverse().Order(AlarmOrder.ByUrgency));
    }
}
