using DriftMonitor.Worker.Commands.Backtest;

namespace DriftMonitor.Worker.Tests.Commands.Backtest;

public sealed class LogScaleTests
{
    [Fact]
    public void Position_GrowsByTheLogarithm()
    {
        var scale = new LogScale(0.001, 1);
        Assert.Equal([0, 0, 1.0 / 3, 2.0 / 3, 1, 1], new[] { 0, 0.001, 0.01, 0.1, 1, 7 }.Select(scale.PositionOf), Close);
        Assert.Equal(0.01, scale.NatsAt(1.0 / 3), 1e-12);
    }

    [Fact]
    public void Ticks_AreOneTwoAndFiveOfEachDecade() =>
        Assert.Equal([0.005, 0.01, 0.02, 0.05, 0.1, 0.2], new LogScale(0.004, 0.3).Ticks(), Close);

    [Fact]
    public void Scale_HasRoomForAllWithinFourDecades()
    {
        var scale = LogScale.Of([0, double.NaN, double.PositiveInfinity, 1e-12, 0.02, 0.5]);
        Assert.InRange(scale.TopNats, 0.5, 1);
        Assert.InRange(scale.BottomNats, 1e-5, 5e-5);
        Assert.True(LogScale.Of([]).TopNats > LogScale.Of([]).BottomNats);
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;
}
