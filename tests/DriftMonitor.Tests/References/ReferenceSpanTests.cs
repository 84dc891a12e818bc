using DriftMonitor.Model;
using DriftMonitor.References;

namespace DriftMonitor.Tests.References;

public sealed class ReferenceSpanTests
{
    private const long HourMs = 3_600_000;

    private readonly WatchedModel _model = Given.Model();
    private readonly ModelClasses _classes = Given.Classes(2);

    [Fact]
    public void Of_one_block_nothing_is_known() => Assert.Null(Span(0, 5, 9));

    /// <summary>Blocks of 10 ms: that of the event at 20 begins there, and that of the event at 95 ends at 100.</summary>
    [Fact]
    public void The_longest_silence_lies_between_the_two_blocks_that_are_furthest_apart()
    {
        var span = Span(0, 12, 25, 95, 101)!;
        Assert.Equal(TimeSpan.FromMilliseconds(80), span.LongestSilence);
        Assert.Equal(TimeSpan.FromMilliseconds(110), span.Whole);
    }

    [Fact]
    public void Without_a_gap_it_is_no_longer_than_two_blocks() =>
        Assert.Equal(TimeSpan.FromMilliseconds(20), Span(0, 10, 20, 30)!.LongestSilence);

    /// <summary>A model that answers for an hour each night.</summary>
    [Fact]
    public void Nights_make_a_silence_of_nearly_a_day()
    {
        var times = Enumerable.Range(0, 5).SelectMany(
            day => Enumerable.Range(0, 60).Select(minute => (day * 24 * HourMs) + (minute * HourMs / 60)));
        var silence = Span(blockMs: 60_000, [.. times])!.LongestSilence;
        Assert.InRange(silence, TimeSpan.FromMinutes(23 * 60), TimeSpan.FromMinutes((23 * 60) + 2));
    }

    /// <summary>The events are at least so far apart as two blocks less than what is said, and at most as far as that.</summary>
    [Fact]
    public void No_silence_is_longer_and_the_longest_is_at_most_two_blocks_shorter()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var times = Enumerable.Range(0, 30).Select(_ => random.NextInt64(2_000)).Order().ToArray();
            var longest = times.Zip(times.Skip(1), (one, next) => next - one).Max();
            var said = Span(times)!;
            Assert.InRange(
                longest, said.LongestSilence.TotalMilliseconds - (2 * said.Block.TotalMilliseconds), said.LongestSilence.TotalMilliseconds);
        }
    }

    private ReferenceSpan? Span(params long[] times) => Span(10, times);

    private ReferenceSpan? Span(int blockMs, long[] times)
    {
        var builder = new ReferenceBuilder("m", _classes.Space, blockMs);
        foreach (var time in times)
        {
            builder.Add(Given.Prediction(_model, _classes, 0, time, time, null, 0.5, 0.5));
        }

        return ReferenceSpan.FromReference(builder.Build(1, DateTimeOffset.UnixEpoch));
    }
}
