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
        var segment = _model.Segment("country=DE");
        Assert.Equal(new SeriesKey("m", "country=DE"), segment?.Series);
        Assert.Same(segment, _model.Segment("country=DE"));
        Assert.NotSame(segment, _model.Segment("country=de"));
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
    public void A_silent_segment_gives_its_place_to_a_new_one_by_the_time_of_records_and_one_that_was_named_never_does()
    {
        var compared = ComparedSegments.None with { General = ["canary"] };
        var model = new WatchedModels(1, 4, acceptUnknown: true, silenceMs: 1_000, compared: compared).Admit("m", out _)!;
        model.KeepSegments(["of a reference", "never seen"]);
        var (canary, known) = (model.Segment("canary")!, model.Segment("of a reference")!);
        var (busy, silent) = (model.Segment("busy")!, model.Segment("silent")!);
        silent.Note(500);
        busy.Note(1_499);
        Assert.Null(model.Segment("new"));
        Assert.False(silent.Retired);

        busy.Note(1_500);
        Assert.NotNull(model.Segment("new"));
        Assert.True(silent.Retired);
        Assert.Same(canary, model.Segment("canary"));
        Assert.Same(known, model.Segment("of a reference"));
        Assert.Same(busy, model.Segment("busy"));
        Assert.Null(model.Segment("silent")); // new has its place
    }

    [Fact]
    public void A_retired_segment_gives_its_memory_back_and_a_retired_model_that_of_all_segments()
    {
        var budget = new MemoryBudget(1_000);
        var models = new WatchedModels(1, 1, acceptUnknown: true, silenceMs: 1_000, budget);
        var model = models.Admit("m", out _)!;
        var before = budget.Used;
        model.Segment("a")!.Note(0);
        var withOne = budget.Used;
        Assert.True(withOne > before);
        model.Note(2_000);
        Assert.NotNull(model.Segment("b"));
        Assert.Equal(withOne, budget.Used);

        models.Clock.Note(5_000);
        Assert.NotNull(models.Admit("n", out _));
        Assert.Equal((true, before), (model.Retired, budget.Used));
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
