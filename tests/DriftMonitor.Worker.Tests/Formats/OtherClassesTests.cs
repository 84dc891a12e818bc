using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Text;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Outputs that do not fit the classes which a model's first record had.</summary>
public sealed class OtherClassesTests
{
    private readonly Decoding _decoding = new();

    /// <summary>A warm-up, and a new version: each number of values is a space of its own.</summary>
    [Fact]
    public void Values_that_do_not_fit_inferred_classes_are_over_a_space_of_their_own()
    {
        _decoding.Cells(Array(4));
        var four = _decoding.Record.Classes;
        Decoding.AssertClose([0.5, 0.25, 0.25, 0], _decoding.Cells("""{"model":"m","probs":[0.5,0.25,0.25]}"""));
        var three = _decoding.Record.Classes;
        Assert.Equal((3, ModelClasses.Inferred), (three.Space.ClassCount, three.Generation));
        Assert.Equal(ClassSpace.Indexed(3).Id, three.Space.Id);

        _decoding.Cells(Array(4));
        Assert.Same(four, _decoding.Record.Classes);
        _decoding.Cells(Array(3));
        Assert.Same(three, _decoding.Record.Classes);
        Assert.Same(four, _decoding.Model.Classes);
    }

    [Theory]
    [InlineData("""{"model":"m","logits":[3,1,2]}""")]
    [InlineData("""{"model":"m","policy":{"current":[0.5,0.25,0.25],"reference":[1,0,0]}}""")]
    public void Every_form_that_gives_all_classes_a_number_may_have_another_number(string json)
    {
        _decoding.Cells(Array(2));
        _decoding.Cells(json);
        Assert.Equal(3, _decoding.Record.Classes.Space.ClassCount);
    }

    [Fact]
    public void A_single_value_decides_nothing()
    {
        Assert.Equal(RejectionReason.SingleClass, _decoding.Decode("""{"model":"m","probs":[1.0]}"""));
        Assert.Equal(RejectionReason.SingleClass, _decoding.Decode("""{"model":"m","probs":{"test":1.0}}"""));
        Assert.Null(_decoding.Model.Classes);
        _decoding.Cells(Array(3));
        Assert.Equal(RejectionReason.SingleClass, _decoding.Decode("""{"model":"m","probs":[1.0]}"""));
    }

    [Fact]
    public void Spaces_beyond_the_most_are_rejected()
    {
        for (var count = 2; count < 2 + 1 + WatchedModel.MaxOtherClasses; count++)
        {
            _decoding.Cells(Array(count));
        }

        Assert.Equal(RejectionReason.WrongArity, _decoding.Decode(Array(10)));
        _decoding.Cells(Array(2));
        _decoding.Cells(Array(5));
    }

    /// <summary>What came once in a year must not keep a new version out.</summary>
    [Theory]
    [InlineData(3_599_000, RejectionReason.WrongArity)]
    [InlineData(3_601_000, RejectionReason.None)]
    public void A_space_that_was_silent_for_an_hour_gives_its_place_up(long afterMs, RejectionReason reason)
    {
        using var records = new Subject<PredictionRecord>();
        using var lane = records.AddIntoPanes(
            Observable.Never<PublishTick>(), 0,
            WindowPlan.Create(
                [WindowSpec.TryParse("5m/10s", out var spec, out _) ? spec : throw new InvalidOperationException()],
                default, default, default)).Subscribe(_ => { });
        Count(2, 1_000_000);
        Count(3, 1_000_000);
        Count(4, 1_000_000);
        Count(5, 1_000_000);
        Count(2, 1_000_000 + afterMs);

        Assert.Equal(reason, _decoding.Decode(Array(6)));

        void Count(int values, long atMs)
        {
            _decoding.Cells(Array(values));
            _decoding.Record.RecordTimeMs = atMs;
            _decoding.Record.Offset++;
            records.OnNext(_decoding.Record);
        }
    }

    [Fact]
    public void Spaces_are_counted_in_the_memory()
    {
        var budget = new MemoryBudget(1_000);
        var decoding = new Decoding(
            new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true, memory: budget), 1024 * 1024);
        decoding.Cells(Array(2));
        var before = budget.Used;
        decoding.Cells(Array(50));
        Assert.Equal(MemoryBudget.CellsOf(50, 90), budget.Used - before);
        Assert.Equal(RejectionReason.MemoryLimit, decoding.Decode(Array(200)));

        decoding.Model.Fix(new ModelClasses(ClassSpace.Indexed(2), ModelClasses.Configured));
        Assert.InRange(budget.Used, 0, before);
    }

    [Theory]
    [InlineData(ModelClasses.Configured)]
    [InlineData(1_767_225_600_000)]
    public void Classes_that_are_not_inferred_are_strict(long generation)
    {
        _decoding.Cells(Array(4));
        _decoding.Cells(Array(3));
        _decoding.Model.Fix(new ModelClasses(ClassSpace.Indexed(2), generation));
        Assert.Equal(RejectionReason.WrongArity, _decoding.Decode(Array(3)));
        Assert.Equal(RejectionReason.WrongArity, _decoding.Decode(Array(4)));
        Decoding.AssertClose([0, 0, 1], _decoding.Cells("""{"model":"m","probs":{"x":1}}"""));
        Decoding.AssertClose([0, 0, 1], _decoding.Cells("""{"model":"m","probs":{"x":1}}"""));
    }

    /// <summary>The first record of the new version counts in <c>__other__</c>, all that follow in a space with its class.</summary>
    [Fact]
    public void Names_that_come_twice_in_a_row_are_added()
    {
        const string Old = """{"model":"m","probs":{"bird":0.25,"cat":0.75}}""";
        const string New = """{"model":"m","probs":{"cat":0.5,"ant":0.25,"bird":0.25}}""";
        _decoding.Cells(Old);
        Decoding.AssertClose([0.25, 0.5, 0.25], _decoding.Cells(New));
        _decoding.Cells(Old);
        Decoding.AssertClose([0.25, 0.25, 0.5, 0], _decoding.Cells(New));
        Assert.Equal(["ant", "bird", "cat"], _decoding.Model.Classes!.Space.Names);
        Decoding.AssertClose([0, 0.25, 0.75, 0], _decoding.Cells(Old));
        Decoding.AssertClose([0.25, 0.25, 0.5, 0], _decoding.Cells(New));
    }

    /// <summary>Of a vocabulary each record names others; labels are free text; top_probs name some of many.</summary>
    [Fact]
    public void Names_at_random_add_nothing()
    {
        _decoding.Cells("""{"model":"m","probs":{"a":0.5,"b":0.5}}""");
        for (var i = 0; i < 100; i++)
        {
            _decoding.Cells($$$"""{"model":"m","probs":{"a":0.5,"t{{{i}}}":0.5}}""");
        }

        for (var i = 0; i < 10; i++)
        {
            _decoding.Cells("""{"model":"m","label":"c"}""");
            _decoding.Cells("""{"model":"m","top_probs":{"a":0.5,"d":0.25}}""");
        }

        Assert.Equal(["a", "b"], _decoding.Model.Classes!.Space.Names);
    }

    [Fact]
    public void Names_are_added_only_so_often()
    {
        _decoding.Cells("""{"model":"m","probs":{"a":0.5,"b":0.5}}""");
        for (var i = 0; i < 10; i++)
        {
            _decoding.Cells($$$"""{"model":"m","probs":{"a":0.5,"t{{{i}}}":0.5}}""");
            _decoding.Cells($$$"""{"model":"m","probs":{"a":0.5,"t{{{i}}}":0.5}}""");
        }

        Assert.Equal(["a", "b", "t0", "t1", "t2"], _decoding.Model.Classes!.Space.Names);
    }

    /// <summary>After the first of them: two versions by turns cost no garbage.</summary>
    [Fact]
    public void Outputs_of_other_spaces_allocate_nothing()
    {
        string[] texts =
        [
            Array(3),
            Array(4),
            """{"model":"m","probs":{"x":0.5,"0":0.5}}""",
            """{"model":"m","probs":{"y":0.5,"0":0.5}}""",
        ];
        byte[][] records = [.. texts.Select(Encoding.UTF8.GetBytes)];
        Assert.Equal(0, Rejected(10));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var rejected = Rejected(1_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
        Assert.Equal(0, rejected);

        int Rejected(int times)
        {
            var count = 0;
            for (var i = 0; i < times; i++)
            {
                foreach (var record in records)
                {
                    count += _decoding.Decode(record) == RejectionReason.None ? 0 : 1;
                }
            }

            return count;
        }
    }

    private static string Array(int values) =>
        $$"""{"model":"m","probs":[{{string.Join(',', Enumerable.Range(0, values).Select(k => k == 0 ? "1" : "0"))}}]}""";
}
