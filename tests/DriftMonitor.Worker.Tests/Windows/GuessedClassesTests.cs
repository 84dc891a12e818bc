using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Windows;

namespace DriftMonitor.Worker.Tests.Windows;

public sealed class GuessedClassesTests
{
    private static readonly ClassSpace Space = ClassSpace.Create(["a", "b"]);

    [Fact]
    public void Much_of_other_classes_is_told_once_of_a_space_that_was_guessed()
    {
        var guessed = new GuessedClasses();
        Assert.False(guessed.IsNews(Window(Space, 60, 39.5, 0.5), out _));
        Assert.True(guessed.IsNews(Window(Space, 60, 39, 1), out var other));
        Assert.Equal(0.01, other, 1e-12);
        Assert.False(guessed.IsNews(Window(Space, 60, 30, 10), out _));
        Assert.False(new GuessedClasses().IsNews(Window(null, 60, 30, 10), out _)); // a reference's, or a setting's
    }

    private static LiveWindow Window(ClassSpace? inferred, params double[] mass)
    {
        Assert.True(WindowSpec.TryParse("5m/1m", out var spec, out _));
        return new LiveWindow(
            new SeriesKey("m", SeriesKey.All), spec, 300_000, new PaneClasses(Space.Id, 0, inferred), 100,
            [.. mass.Select(share => (UInt128)(share * FixedPoint.One))], Complete: true, 0, Retired: false);
    }
}
