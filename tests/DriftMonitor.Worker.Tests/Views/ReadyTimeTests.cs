using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Views;

/// <summary>Windows here are 5 minutes long, end at minute 5 and slide by 10 seconds.</summary>
public sealed class ReadyTimeTests
{
    private const long SecondMs = 1_000;

    private static readonly long StartMs = Reported.Start.ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(1, 310)] // 301 s, and the slide that ends after it
    [InlineData(10, 310)]
    [InlineData(11, 320)]
    [InlineData(299, 600)]
    public void The_first_window_after_what_was_seen_is_complete(int seenFromSeconds, int readySeconds) =>
        Assert.Equal(StartMs + (readySeconds * SecondMs), ReadyMs(complete: false, seenFromSeconds));

    [Fact]
    public void A_complete_window_has_no_such_time() => Assert.Null(ReadyMs(complete: true, seenFromSeconds: 100));

    /// <summary>Its time is over: it waits for another partition, say, and nobody knows for how long.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-3_600)]
    public void Neither_has_one_that_only_waits_for_what_feeds_it(int seenFromSeconds) =>
        Assert.Null(ReadyMs(complete: false, seenFromSeconds));

    private static long? ReadyMs(bool complete, int seenFromSeconds) => ReadyTime.Of(
        Reported.Without("m", complete: complete).Window with { SeenFromMs = StartMs + (seenFromSeconds * SecondMs) });
}
