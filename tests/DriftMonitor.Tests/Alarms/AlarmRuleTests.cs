using System.Collections.Immutable;
using System.Text.Json;
using DriftMonitor.Alarms;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Alarms;

/// <summary>The rule against its executable model: the same decisions, minute by minute, on every scenario.</summary>
public sealed class AlarmRuleTests
{
    private const double SmallestEffect = 0.001;
    private const double MinimumEvents = 100;
    private const long MinuteMs = 60_000;

    public static TheoryData<string> Scenarios => [.. AlarmScenario.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void The_rule_decides_as_its_model_does(string name)
    {
        var scenario = AlarmScenario.All.Single(scenario => scenario.Name == name);
        Assert.Equal(scenario.Events, Run(scenario, AlarmRuleState.Create(3), 1, scenario.Minutes));
    }

    [Theory]
    [InlineData("15 small 3 d, 1 h large in it")]
    [InlineData("3 opposite, 13 h apart")]
    [InlineData("7 flapping 10/20, 6 h")]
    [InlineData("9b told, back at once, larger")]
    [InlineData("2 one hour, large, 3 min late")]
    public void A_successor_that_is_given_the_state_decides_as_one_that_was_never_interrupted(string name)
    {
        var scenario = AlarmScenario.All.Single(scenario => scenario.Name == name);
        foreach (var minute in scenario.Events.Select(what => what.Minute + 1).Append(scenario.Truth[0].From + 30).Distinct())
        {
            var state = AlarmRuleState.Create(3);
            var before = Run(scenario, state, 1, minute);
            var restored = JsonSerializer.Deserialize<AlarmRuleState>(JsonSerializer.Serialize(state))!;
            Assert.Equal(scenario.Events, before.Concat(Run(scenario, restored, minute + 1, scenario.Minutes)));
        }
    }

    /// <summary>A source that lags brings what was before the drift: that repairs nothing.</summary>
    [Fact]
    public void What_comes_late_for_panes_before_the_onset_does_not_count()
    {
        var rule = new AlarmRule([Given.Window("40ms/10ms")], AlarmRuleState.Create(1), MinimumEvents);
        var departure = new DistributionDeparture([.5, .5], 1_000_000, 1, events => 1 / (2 * events));
        RuleOutcome At(long fromMs, params double[] sums) => rule.Decide(
            0, new PaneRun(fromMs, 10, 2, sums), counted: null, departure, evidenceNats: 50, isAbove: true, SmallestEffect);

        Assert.Equal(RuleOutcome.Paged, At(0, 10, 10, 10, 10, 900, 100, 900, 100)); // since 20 ms
        Assert.Equal(RuleOutcome.None, At(10, 25_000, 25_000, 900, 100, 900, 100, 900, 100));
        Assert.Equal(RuleOutcome.Ended, At(20, 900, 100, 900, 100, 900, 100, 25_000, 25_000));
    }

    /// <summary>Of an alarm that began as what a just ended one had reported nobody was told: it says nothing for a longer one.</summary>
    [Theory]
    [InlineData(true, RuleOutcome.Paged)]
    [InlineData(false, RuleOutcome.Joined)]
    internal void An_alarm_joins_only_shorter_ones_that_somebody_was_told_of(bool isTold, RuleOutcome expected)
    {
        double[] drift = [900, 100];
        var state = AlarmRuleState.Create(2);
        state.Running[0] = new RunningAlarm(20, false, 40, 50, drift, [0, 0], 0, 40, 40, drift, isTold ? [drift] : []);
        var rule = new AlarmRule([Given.Window("20ms/10ms"), Given.Window("40ms/10ms")], state, MinimumEvents);
        var departure = new DistributionDeparture([.5, .5], 1_000_000, 1, events => 1 / (2 * events));
        var panes = new PaneRun(0, 10, 2, [100, 900, 100, 900, 100, 900, 100, 900]);
        Assert.Equal(expected, rule.Decide(1, panes, rule.Counted(1, panes), departure, evidenceNats: 50, isAbove: true, SmallestEffect));
    }

    private static ImmutableArray<(int Minute, string What, string Window)> Run(
        AlarmScenario scenario, AlarmRuleState state, int from, int to)
    {
        var rule = new AlarmRule(AlarmScenario.Windows, state, MinimumEvents);
        var departure = new DistributionDeparture(
            scenario.Reference, AlarmScenario.ReferenceEvents, 1, events => (scenario.Reference.Length - 1) / (2 * events));
        var events = ImmutableArray.CreateBuilder<(int, string, string)>();
        for (var minute = from; minute <= to; minute++)
        {
            for (var window = 0; window < AlarmScenario.Windows.Length; window++)
            {
                var (length, slide) = (
                    (int)(AlarmScenario.Windows[window].LengthMs / MinuteMs), (int)(AlarmScenario.Windows[window].SlideMs / MinuteMs));
                if (minute % slide == 0 && minute >= length)
                {
                    var panes = Panes(scenario, minute, length, slide);
                    var counted = rule.Counted(window, panes);
                    var (above, evidence) = Judge(scenario, departure, panes, counted, window);
                    var name = AlarmScenario.Windows[window].Name;
                    var outcome = rule.Decide(window, panes, counted, departure, evidence, above, SmallestEffect);
                    if (outcome is RuleOutcome.Ended)
                    {
                        events.Add((minute, "end", name));
                    }
                    else if (outcome is not RuleOutcome.None)
                    {
                        if (outcome is not RuleOutcome.Grown)
                        {
                            events.Add((minute, "begin", name));
                        }

                        if (outcome is RuleOutcome.Paged or RuleOutcome.Grown)
                        {
                            events.Add((minute, "page", name));
                        }
                    }
                }
            }
        }

        return events.DrainToImmutable();
    }

    private static PaneRun Panes(AlarmScenario scenario, int minute, int length, int slide)
    {
        var cells = scenario.Reference.Length;
        var sums = new double[length / slide * cells];
        for (var at = 0; at < length - scenario.LateMinutes; at++)
        {
            for (var k = 0; k < cells; k++)
            {
                sums[(at / slide * cells) + k] += scenario.Counts[((minute - length + at) * cells) + k];
            }
        }

        return new PaneRun((minute - length) * MinuteMs, slide * MinuteMs, cells, sums);
    }

    private static (bool Above, double? EvidenceNats) Judge(
        AlarmScenario scenario, DistributionDeparture departure, PaneRun panes, bool[]? counted, int window)
    {
        var q = scenario.Reference;
        var of = Enumerable.Range(0, panes.Panes).Where(pane => counted?[pane] != false).ToArray();
        var sums = new double[q.Length];
        Array.ForEach(of, pane => System.Numerics.Tensors.TensorPrimitives.Add(sums, panes[pane], sums));
        var n = sums.Sum();
        if (n < MinimumEvents)
        {
            return (false, null);
        }

        var cusum = new DriftCusum(q, [.. q.Select(share => share * (1 - share))], n, AlarmScenario.ReferenceEvents, 0);
        Array.ForEach(of, pane => cusum.Add(panes[pane], panes[pane].ToArray().Sum()));
        var evidence = AlarmScenario.Evidence(AlarmScenario.Windows[window]);
        return (
            departure.EvidenceOf(n, departure.Nats(sums)) > evidence.Kl || departure.EvidenceOf(n, cusum.Nats) > evidence.Cusum,
            evidence.Kl);
    }
}
