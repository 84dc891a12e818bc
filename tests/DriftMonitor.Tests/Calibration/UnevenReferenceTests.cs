using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>References whose blocks are not one after the other, or not as large as each other.</summary>
public sealed class UnevenReferenceTests
{
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];
    // a third of the swing: over more or less time means differ by another amount
    private static readonly WindowSpec TwentyMinutes = Given.Window("20m/1m");
    private static readonly WindowSpec NinetySeconds = Given.Window("90s/10s");
    private static readonly ReferenceSnapshot Even = Swinging(110, _ => 1).Reference(8_640);
    private static readonly DriftThresholds OfEven = Thresholds(Even);

    [Fact]
    public void Thresholds_OfAReferenceWithGapsOfHoursAreThoseWithoutThem()
    {
        // The same events; after every hour of them come up to four hours without any.
        var gaps = Swinging(110, _ => 1).Reference(
            8_640, block => (block + Enumerable.Range(1, block / 360).Sum(hour => hour % 5 * 360)) * SimulatedTraffic.BlockMs);
        Assert.True(gaps.Blocks[^1].StartMs > 2.9 * Even.Blocks[^1].StartMs);

        var thresholds = Thresholds(gaps);
        Assert.InRange(thresholds.KlLiveVsReferenceNats / OfEven.KlLiveVsReferenceNats, 0.95, 1.05);
        Assert.InRange(thresholds.KlReferenceVsLiveNats / OfEven.KlReferenceVsLiveNats, 0.95, 1.05);
        Assert.InRange(Fluctuation(gaps) / Fluctuation(Even), 0.95, 1.05);
    }

    [Fact]
    public void Thresholds_OfAReferenceWithBusyAndQuietHoursAreAboutThoseOfEvenOnes()
    {
        // The quiet hours' compositions are known from a tenth of the events, so thresholds may be a little higher, never lower.
        var uneven = Uneven(360);

        var thresholds = Thresholds(uneven);
        Assert.InRange(thresholds.KlLiveVsReferenceNats / OfEven.KlLiveVsReferenceNats, 0.95, 1.3);
        Assert.InRange(thresholds.KlReferenceVsLiveNats / OfEven.KlReferenceVsLiveNats, 0.95, 1.3);
    }

    [Fact]
    public void Thresholds_OfAReferenceWithLargeAndSmallBlocksInTurnsAreThoseOfEvenOnes()
    {
        var thresholds = Thresholds(Uneven(1));
        Assert.InRange(thresholds.KlLiveVsReferenceNats / OfEven.KlLiveVsReferenceNats, 0.95, 1.3);
        Assert.InRange(thresholds.KlReferenceVsLiveNats / OfEven.KlReferenceVsLiveNats, 0.95, 1.3);
    }

    [Theory]
    [InlineData(1)] // one block large, the next one small
    [InlineData(360)] // hours, as day and night
    public void Fluctuation_OfAReferenceWithUnevenBlocksIsThatOfEvenOnes(int blocksInARow) =>
        Assert.InRange(Fluctuation(Uneven(blocksInARow)) / Fluctuation(Even), 0.95, 1.05);

    [Theory]
    [InlineData(1)]
    [InlineData(360)]
    public void Fluctuation_OfIndependentEventsIsNoneHoweverUnevenTheirBlocksAre(int blocksInARow)
    {
        var traffic = new SimulatedTraffic(1, TenClasses, 20) { Rush = block => block / blocksInARow % 2 == 0 ? 10 : 1 };

        Assert.Equal(0, Fluctuation(traffic.Reference(4_320, block => (block + (block / 720 * 1_080)) * SimulatedTraffic.BlockMs)));
    }

    private static SimulatedTraffic Swinging(int eventsInBlock, Func<int, int> rush) =>
        new(1, TenClasses, eventsInBlock) { Change = SimulatedTraffic.Swing(.5), Rush = rush };

    /// <summary>As many events as the even one, blocks of 200 and of 20 in turns.</summary>
    private static ReferenceSnapshot Uneven(int blocksInARow) =>
        Swinging(20, block => block / blocksInARow % 2 == 0 ? 10 : 1).Reference(8_640);

    private static DriftThresholds Thresholds(ReferenceSnapshot reference) =>
        new DriftCalibration(reference, SeriesKey.All, 1).Thresholds(NinetySeconds, 1_500, new FalseAlarmBudget(1, 86_400_000));

    private static double Fluctuation(ReferenceSnapshot reference) =>
        new DriftCalibration(reference, SeriesKey.All, 1).Fluctuation(TwentyMinutes);
}
