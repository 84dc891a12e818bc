using System.Numerics.Tensors;
using DriftMonitor.Calibration;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Calibration;

/// <summary>The promise of a budget: 0.3 to 2 times as many alarms begin while nothing drifts.</summary>
public sealed class FalseAlarmRateTests
{
    private const int BlocksOfADay = 8_640;
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];
    private static readonly WindowSpec FiveMinutes = Given.Window("5m/10s");

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)] // swings by itself, as the reference did: no drift
    public void Alarms_OfTrafficThatDoesNotDriftKeepTheBudget(double swing)
    {
        var alarms = Enumerable.Range(0, 3).Sum(seed =>
        {
            var traffic = new SimulatedTraffic(seed, TenClasses, 30) { Change = SimulatedTraffic.Swing(swing) };
            return FalseAlarms.Count(
                FiveMinutes, traffic.Next, traffic.Reference(BlocksOfADay), new FalseAlarmBudget(9, 86_400_000), 4 * BlocksOfADay);
        });

        Assert.InRange(alarms, 0.3 * 108, 2 * 108); // 9 a day, 3 references, 4 days each
    }

    [Fact]
    public void Alarms_OfSoftOutputsKeepTheBudget()
    {
        var alarms = Enumerable.Range(0, 2).Sum(seed =>
        {
            var traffic = new SoftTraffic(seed, [5, 4, 3, 2, 1, 1, 1, 1, 1, 1], 15);
            return FalseAlarms.Count(
                FiveMinutes, traffic.Next, traffic.Reference(BlocksOfADay / 2), new FalseAlarmBudget(16, 86_400_000), 3 * BlocksOfADay);
        });

        Assert.InRange(alarms, 0.3 * 96, 2 * 96); // 16 a day, 2 references, 3 days each
    }

    [Fact]
    public void Alarms_OfBurstsThatTheReferenceHasSeenAreNoMoreThanTheBudget()
    {
        // Bursts of a minute in a window of five: each lifts KL(live‖reference) by ½ (.16/5)² (1/.29 + 1/.71) = 0.0025 nats, 72 times a
        // day.
        var alarms = Enumerable.Range(0, 2).Sum(seed =>
        {
            var bursts = Bursts(seed, 7 * BlocksOfADay);
            var traffic = new SimulatedTraffic(seed, TenClasses, 100) { Change = block => bursts.Contains(block) ? .6 : 0 };
            return FalseAlarms.Count(
                Given.Window("5m/1m"), () => Minute(traffic), traffic.Reference(2 * BlocksOfADay), new FalseAlarmBudget(6, 86_400_000),
                5 * BlocksOfADay / 6);
        });

        Assert.InRange(alarms, 0, 2 * 60); // 6 a day, 2 references, 5 days each
    }

    [Fact]
    public void Alarms_OfBurstsAsLongAsWhatACusumRemembersAreNoMoreThanTheBudget()
    {
        var alarms = Enumerable.Range(0, 2).Sum(seed =>
        {
            var bursts = Bursts(seed, 7 * BlocksOfADay);
            var traffic = new SimulatedTraffic(seed, TenClasses, 100) { Change = block => bursts.Contains(block) ? .6 : 0 };
            return FalseAlarms.Count(
                FiveMinutes, traffic.Next, traffic.Reference(2 * BlocksOfADay), new FalseAlarmBudget(6, 86_400_000), 5 * BlocksOfADay);
        });

        Assert.InRange(alarms, 0, 2 * 60); // 6 a day, 2 references, 5 days each
    }

    [Fact]
    public void Alarms_OfTrafficWhoseBlocksAreLargeAndSmallInTurnsAreNoMoreThanTheBudget()
    {
        var alarms = Enumerable.Range(0, 2).Sum(seed =>
        {
            var traffic = new SimulatedTraffic(seed, TenClasses, 20)
            {
                Change = SimulatedTraffic.Swing(.5),
                Rush = block => block % 2 == 0 ? 10 : 1,
            };
            return FalseAlarms.Count(
                FiveMinutes, traffic.Next, traffic.Reference(BlocksOfADay), new FalseAlarmBudget(6, 86_400_000), 5 * BlocksOfADay);
        });

        Assert.InRange(alarms, 0, 2 * 60); // 6 a day, 2 references, 5 days each
    }

    /// <summary>The next six blocks together.</summary>
    private static double[] Minute(SimulatedTraffic traffic)
    {
        var mass = traffic.Next();
        for (var more = 1; more < 6; more++)
        {
            TensorPrimitives.Add(mass, traffic.Next(), mass);
        }

        return mass;
    }

    /// <summary>The blocks of bursts that last a minute and begin 10 to 30 minutes after one another.</summary>
    private static HashSet<int> Bursts(int seed, int blocks)
    {
        var (random, bursts) = (new Random(seed), new HashSet<int>());
        for (var at = 0; at < blocks; at += random.Next(60, 180))
        {
            bursts.UnionWith(Enumerable.Range(at, 6));
        }

        return bursts;
    }
}
