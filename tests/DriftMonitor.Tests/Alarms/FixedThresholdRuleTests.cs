using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Alarms;

/// <summary>When alarms by fixed thresholds begin and end. A look is every 10 s of both windows; minutes are of event time.</summary>
public sealed class FixedThresholdRuleTests
{
    private const int Short = 0;
    private const int Long = 1;

    private static readonly ImmutableArray<WindowSpec> Windows = [Given.Window("5m/10s"), Given.Window("1h/10s")];

    private static FixedThresholdState Nothing => new(new (long, bool, bool)[Windows.Length]);

    private readonly List<(double Minute, string What)> _said = [];
    private FixedThresholdRule _rule = new(Windows, AlarmSeverity.Critical, Nothing);
    private int _looks;

    [Fact]
    public void An_alarm_begins_when_both_windows_have_been_above_for_the_short_ones_length_and_ends_after_twice_that()
    {
        Look(minutes: 20, isAbove: true, isLongAbove: true);
        Look(minutes: 30, isAbove: false, isLongAbove: true); // the longer window remembers the drift
        Assert.Equal([(5, "5m begins"), (30, "ends")], Rounded());
    }

    [Fact]
    public void A_warning_has_to_last_twice_as_long()
    {
        _rule = new FixedThresholdRule(Windows, AlarmSeverity.Warning, Nothing);
        Look(minutes: 20, isAbove: true, isLongAbove: true);
        Assert.Equal([(10, "5m begins")], Rounded());
    }

    [Theory]
    [InlineData(true, false)] // no longer window confirms it
    [InlineData(false, true)] // it is over
    [InlineData(false, false)]
    public void Nothing_begins_by_one_window_of_two(bool isAbove, bool isLongAbove)
    {
        Look(minutes: 120, isAbove, isLongAbove);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData(false, true, "1h")] // with ten events a minute only the longer one ever is
    [InlineData(true, false, "5m")] // there is nothing that could confirm it
    public void One_window_that_alone_is_ready_decides_alone(bool isReady, bool isLongReady, string window)
    {
        Look(minutes: 20, isAbove: true, isLongAbove: true, isReady, isLongReady);
        Assert.Equal([(5, $"{window} begins")], Rounded());
    }

    [Fact]
    public void Nothing_begins_while_no_window_is_ready()
    {
        Look(minutes: 120, isAbove: true, isLongAbove: true, isReady: false, isLongReady: false);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_look_below_or_not_ready_begins_the_wait_anew()
    {
        Look(minutes: 4, isAbove: true, isLongAbove: true);
        Look(minutes: 1.0 / 6, isAbove: false, isLongAbove: true);
        Look(minutes: 4, isAbove: true, isLongAbove: true);
        Look(minutes: 1.0 / 6, isAbove: true, isLongAbove: true, isReady: false, isLongReady: false);
        Look(minutes: 4, isAbove: true, isLongAbove: true);
        Assert.Empty(_said);
    }

    [Fact]
    public void Nothing_ends_while_no_window_is_ready()
    {
        Look(minutes: 6, isAbove: true, isLongAbove: true);
        Look(minutes: 50, isAbove: false, isLongAbove: false, isReady: false, isLongReady: false);
        Look(minutes: 4, isAbove: false, isLongAbove: false); // and five that the first look reaches back
        Assert.Equal([(5, "5m begins")], Rounded());
        Look(minutes: 2, isAbove: false, isLongAbove: false);
        Assert.Equal([(5, "5m begins"), (61, "ends")], Rounded());
    }

    [Fact]
    public void A_time_that_nobody_saw_is_none_below()
    {
        Look(minutes: 6, isAbove: true, isLongAbove: true);
        _looks += 6 * 30; // until a successor goes on
        Look(minutes: 4, isAbove: false, isLongAbove: false);
        Assert.Equal([(5, "5m begins")], Rounded());
        Look(minutes: 2, isAbove: false, isLongAbove: false);
        Assert.Equal([(5, "5m begins"), (41, "ends")], Rounded());
    }

    [Fact]
    public void No_longer_window_speaks_for_one_that_has_just_been_below()
    {
        Look(minutes: 6, isAbove: true, isLongAbove: true);
        Look(minutes: 8, isAbove: false, isLongAbove: true);
        Look(minutes: 1, isAbove: false, isLongAbove: true, isReady: false); // too few events, or some are late
        Look(minutes: 2, isAbove: false, isLongAbove: true);
        Assert.Equal([(5, "5m begins"), (16, "ends")], Rounded());
    }

    [Fact]
    public void A_longer_window_speaks_when_a_shorter_one_has_not_been_ready_for_its_length()
    {
        Look(minutes: 1, isAbove: false, isLongAbove: true);
        Look(minutes: 12, isAbove: false, isLongAbove: true, isReady: false);
        Assert.Equal([(11, "1h begins")], Rounded());
    }

    [Fact]
    public void A_longer_window_that_is_not_ready_any_more_silences_no_shorter_one()
    {
        Look(minutes: 1, isAbove: false, isLongAbove: false);
        Look(minutes: 12, isAbove: true, isLongAbove: true, isLongReady: false);
        Assert.Equal([(6, "5m begins")], Rounded());
    }

    [Fact]
    public void A_longer_window_that_is_ready_lets_time_pass_while_a_shorter_one_is_not()
    {
        ImmutableArray<WindowSpec> windows = [.. Windows, Given.Window("24h/5m")];
        var rule = new FixedThresholdRule(
            windows, AlarmSeverity.Critical, new FixedThresholdState(new (long, bool, bool)[windows.Length]));
        Assert.Equal([], Decide(0, 4, isReady: true, isAbove: true));
        Assert.Equal([5], Decide(4, 6, isReady: true, isAbove: true));
        Assert.Equal([], Decide(6, 7, isReady: true, isAbove: false));
        Assert.Equal([16], Decide(7, 30, isReady: false, isAbove: false));

        IEnumerable<int> Decide(int start, int end, bool isReady, bool isAbove) =>
        [
            .. from look in Enumerable.Range(start * 6, (end - start) * 6)
               let both = new[]
               {
                   rule.Decide(Long, look * 10_000L, isReady, isAbove),
                   rule.Decide(2, look * 10_000L, isReady: true, isAbove: true),
               }
               where both.Any(outcome => outcome != RuleOutcome.None)
               select (int)Math.Round(look / 6.0),
        ];
    }

    [Fact]
    public void No_longer_window_speaks_for_one_that_has_a_budgets_threshold()
    {
        foreach (var look in Enumerable.Range(0, 20 * 6))
        {
            Assert.Equal(RuleOutcome.None, _rule.Leave(Short, look * 10_000L));
            Assert.Equal(RuleOutcome.None, _rule.Decide(Long, look * 10_000L, isReady: true, isAbove: true));
        }
    }

    [Fact]
    public void A_longer_window_that_is_judged_anew_turns_no_clock_back()
    {
        Look(minutes: 4, isAbove: true, isLongAbove: true);
        Say(_rule.Decide(Long, toMs: -600_000, isReady: true, isAbove: true));
        Look(minutes: 2, isAbove: true, isLongAbove: true);
        Look(minutes: 12, isAbove: false, isLongAbove: false);
        Assert.Equal([(5, "5m begins"), (16, "ends")], Rounded());
    }

    /// <summary>
    /// After a pause nothing is ready but the longest window, which looks seldom: at the end of its last slide, before the pause.
    /// </summary>
    [Fact]
    public void A_longer_window_that_is_below_in_the_midst_of_a_drift_ends_nothing()
    {
        ImmutableArray<WindowSpec> windows = [.. Windows, Given.Window("24h/10m")];
        var rule = new FixedThresholdRule(
            windows, AlarmSeverity.Critical, new FixedThresholdState(new (long, bool, bool)[windows.Length]));
        var said = new List<RuleOutcome>();
        for (var look = 1; look <= 40 * 6; look++)
        {
            var (toMs, isReady) = (look * 10_000L, look is < 59 or > 130);
            said.Add(rule.Decide(Short, toMs, isReady, isAbove: true));
            said.Add(rule.Decide(Long, toMs, isReady, isAbove: true));
            if (look % 60 == 0)
            {
                said.Add(rule.Decide(2, toMs, look is 60 || isReady, isAbove: false));
            }
        }

        Assert.Equal([RuleOutcome.Paged], said.Where(outcome => outcome != RuleOutcome.None));
    }

    [Fact]
    public void A_time_that_nobody_saw_is_none_above()
    {
        Look(minutes: 1.0 / 6, isAbove: true, isLongAbove: true);
        _looks += 6 * 60;
        Look(minutes: 1.0 / 6, isAbove: true, isLongAbove: false);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_dip_of_less_than_twice_the_length_ends_nothing()
    {
        Look(minutes: 6, isAbove: true, isLongAbove: true);
        Look(minutes: 9, isAbove: false, isLongAbove: false);
        Look(minutes: 6, isAbove: true, isLongAbove: true);
        Assert.Equal([(5, "5m begins")], Rounded());
    }

    [Fact]
    public void Windows_that_come_no_more_end_it_when_none_reaches_back_to_it()
    {
        Look(minutes: 6, isAbove: true, isLongAbove: true);
        Look(minutes: 61, isAbove: true, isLongAbove: true, isReady: false, isLongReady: false);
        Assert.Equal([(5, "5m begins"), (66, "ends")], Rounded());
    }

    private IEnumerable<(int Minute, string What)> Rounded() => _said.Select(one => ((int)Math.Round(one.Minute), one.What));

    private void Look(double minutes, bool isAbove, bool isLongAbove, bool isReady = true, bool isLongReady = true)
    {
        for (var until = _looks + (int)Math.Round(minutes * 6); _looks < until; _looks++)
        {
            Say(_rule.Decide(Short, _looks * 10_000L, isReady, isReady && isAbove));
            Say(_rule.Decide(Long, _looks * 10_000L, isLongReady, isLongReady && isLongAbove));
        }
    }

    private void Say(RuleOutcome outcome)
    {
        if (outcome != RuleOutcome.None)
        {
            _said.Add((_looks / 6.0, outcome == RuleOutcome.Ended ? "ends" : $"{Windows[_rule.On!.Value].Name} begins"));
        }
    }
}
