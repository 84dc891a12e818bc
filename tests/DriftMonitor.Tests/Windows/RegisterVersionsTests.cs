using DriftMonitor.Model;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

public sealed class RegisterVersionsTests
{
    private static readonly SeriesKey Series = Given.Model().All;

    [Theory]
    [InlineData(4, 9, 5, 20, true)] // the smaller first wins, however far the other reaches
    [InlineData(6, 99, 5, 20, false)]
    [InlineData(5, 21, 5, 20, true)] // then the larger last
    [InlineData(5, 20, 5, 20, false)] // a repeat changes nothing
    [InlineData(5, 19, 5, 20, false)]
    public void Replaces_PrefersTheSmallerFirstThenTheLargerLast(long first, long last, long knownFirst, long knownLast, bool expected) =>
        Assert.Equal(
            expected, Given.Register(Series, 0, 1, 0, first, last).Replaces(Given.Register(Series, 0, 1, 0, knownFirst, knownLast)));
}
