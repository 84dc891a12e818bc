using DriftMonitor.Model;

namespace DriftMonitor.Tests.Model;

public sealed class WatchedModelTests
{
    private readonly WatchedModel _model = new WatchedModels(1, 2, acceptUnknown: false).Add("m");

    [Fact]
    public void All_IsTheSeriesOfEveryEvent() => Assert.Equal(new SeriesKey("m", "_all"), _model.All);

    [Fact]
    public void Segment_IsOneObject()
    {
        var series = _model.Segment("country=DE");
        Assert.Equal(new SeriesKey("m", "country=DE"), series);
        Assert.Same(series, _model.Segment("country=DE"));
        Assert.NotSame(series, _model.Segment("country=de"));
    }

    [Fact]
    public void Segment_StopsAtTheCap_KnownSegmentsStay()
    {
        var first = _model.Segment("a");
        Assert.NotNull(_model.Segment("b"));
        Assert.Null(_model.Segment("c"));
        Assert.Same(first, _model.Segment("a"));
    }

    [Fact]
    public void Segment_NamedAsTheWhole_IsNoSegment() => Assert.Null(_model.Segment("_all"));

    [Fact]
    public void Segment_NamedAsAComparison_IsNoSegment()
    {
        Assert.Null(_model.Segment("canary vs rest"));
        Assert.NotNull(_model.Segment("canary vs rest of it"));
    }

    [Fact]
    public void Segment_HoldsTheCapWhenManyComeAtOnce()
    {
        var model = new WatchedModels(1, 10, acceptUnknown: false).Add("m");
        var admitted = 0;
        Parallel.For(0, 1_000, i => Interlocked.Add(ref admitted, model.Segment($"{i}") is null ? 0 : 1));
        Assert.Equal(10, admitted);
    }

    [Fact]
    public void Fix_TakesTheHigherGeneration_FirstOfTheSame()
    {
        Assert.Null(_model.Classes);
        var inferred = new ModelClasses(ClassSpace.Indexed(2), ModelClasses.Inferred);
        var alsoInferred = new ModelClasses(ClassSpace.Indexed(3), ModelClasses.Inferred);
        var configured = new ModelClasses(ClassSpace.Indexed(4), ModelClasses.Configured);
        Assert.Same(inferred, _model.Fix(inferred));
        Assert.Same(inferred, _model.Fix(alsoInferred));
        Assert.Same(configured, _model.Fix(configured));
        Assert.Same(configured, _model.Fix(inferred));
        Assert.Same(configured, _model.Classes);
    }
}
