using Confluent.Kafka;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;
using DriftMonitor.Events;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Tests.Messages;

public sealed class RollupCodecTests
{
    private static readonly RollupCodec Codec = new(WindowPlan.Create(
        [WindowSpec.TryParse("5m/10s", out var spec, out _) ? spec : throw new InvalidOperationException()], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)));

    [Fact]
    public void A_pane_is_the_same_after_its_journey()
    {
        var sums = new PaneSums(3);
        sums.Add([0.5, 0.25, 0.25]);
        sums.Add(new PairedKullbackLeibler(0.25, 0.125, Clamped: true));
        var read = Journey(sums);
        Assert.True(sums.SameAs(read!.Value.Sums));
        Assert.Equal((1, 1, 1), (read.Value.Sums.Events, read.Value.Sums.Policy!.ExactEvents, read.Value.Sums.Policy.ClampedEvents));
    }

    /// <summary>Log-probabilities of what was sampled have no distribution, so such a pane has no events of that kind.</summary>
    [Fact]
    public void A_pane_of_sampled_tokens_only_is_kept()
    {
        var sums = new PaneSums(2);
        sums.Add(SampledKullbackLeibler.Of(-1, -3));
        Assert.True(sums.SameAs(Journey(sums)!.Value.Sums));
    }

    /// <summary>Of a vocabulary only the tokens seen are kept: a restored window must not be another.</summary>
    [Fact]
    public void A_pane_of_few_cells_of_many_is_the_same_after_its_journey()
    {
        var sums = new PaneSums(7, ClassSpace.MaxClasses + 1, [0, 3, 70_000, ClassSpace.MaxClasses], [1, 2, 3, 4], [5, 6, 7, 8]);
        var read = Journey(sums);
        Assert.True(read!.Value.Sums.IsSparse);
        Assert.True(sums.SameAs(read.Value.Sums));
    }

    [Fact]
    public void A_pane_of_no_events_is_none() => Assert.Null(Journey(new PaneSums(3)));

    /// <summary>A replica that wakes up after it lost the partition may not know of a loss, and must not make it forgotten.</summary>
    [Fact]
    public void The_largest_loss_of_any_settlement_is_restored()
    {
        var restored = new RestoredPartition();
        restored.Add(Journey(new Settlement(20_000, []) { LostBeforeMs = 17_001 }));
        restored.Add(Journey(new Settlement(30_000, [])));
        Assert.Equal((30_000, 17_001), (restored.Settlement!.BeforeMs, restored.LostBeforeMs));
    }

    private static Rollup Journey(Settlement settlement) => Codec.Deserialize(Codec.Encode(settlement, resumeOffset: 3), isNull: false, SerializationContext.Empty);

    private static (SettledPane Pane, PaneSums Sums)? Journey(PaneSums sums)
    {
        var pane = new SettledPane(new SeriesKey("m", SeriesKey.All), 20_000, 10_000, new PaneClasses(ClassSpace.Indexed(2).Id, 1, null), 25_000, 10_000, sums);
        return Codec.Deserialize(Codec.Encode(pane), isNull: false, SerializationContext.Empty).Pane is { } read ? (read, read.Sums) : null;
    }
}
