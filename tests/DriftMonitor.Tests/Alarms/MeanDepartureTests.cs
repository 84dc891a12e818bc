using DriftMonitor.Alarms;

namespace DriftMonitor.Tests.Alarms;

public sealed class MeanDepartureTests
{
    /// <summary>k1 of two policies that are alike has a mean next to 0 of either sign, by chance: that decides nothing.</summary>
    [Fact]
    public void The_sign_of_a_mean_that_is_next_to_nothing_does_not_matter()
    {
        double[] reported = [1_000, 50];
        double[] good = [100, 0];
        double Repair(double mean) => new MeanDeparture(mean, variance: 0.04, referenceEvents: 1_000_000).Repair(good, reported);
        Assert.Equal(Repair(-1e-4), Repair(1e-4), 0.05);
        Assert.InRange(Repair(1e-4), 1, 4); // 100 events by (0.05 − 0)²/2σ² = 0.031 nats each, of a σ² that is 2.5 times as large
    }

    /// <summary>Costs vary as their mean does: by the baseline's variance alone, ten cheap labels would end an alarm.</summary>
    [Fact]
    public void What_repairs_a_cost_is_told_by_the_variance_that_was_reported()
    {
        var departure = new MeanDeparture(mean: 0.2, variance: 0.25, referenceEvents: 1_000_000);
        double[] reported = [100_000, 100_000]; // five times the mean
        Assert.Equal(10 * (0.8 * 0.6) / (5 * 0.25), departure.Repair([10, 0], reported), 1e-2); // (μ₁ − μ₀)/σ² · (midway − 0)
    }
}
