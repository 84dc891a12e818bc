using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Formats.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Outputs of classes that hold or not, each by itself: every pair "not x", "x" has an equal part of the mass.</summary>
public sealed class MultilabelTests
{
    private const double NoTruth = 0.8 * 0.5;

    private static readonly ClassSpace Space = ClassSpace.CreateIndependent(["a", "b", "c"]);

    [Theory]
    [InlineData("[0.25,1,0]", 0.25, 1, 0)]
    [InlineData("[1e0, 0.0, 1.0]", 1, 0, 1)]
    [InlineData("[true,false,1]", 1, 0, 1)]
    [InlineData("""{"c":0.5,"a":0.25}""", 0.25, 0, 0.5)]
    [InlineData("""{"c":true,"a":false}""", 0, 0, 1)]
    [InlineData("""{"c":true,"a":0.125}""", 0.125, 0, 1)]
    [InlineData("{}", 0, 0, 0)]
    [InlineData("""["b","c"]""", 0, 1, 1)]
    [InlineData("""["\u0062"]""", 0, 1, 0)]
    [InlineData("[]", 0, 0, 0)]
    [InlineData("[1.0005,0,0]", 1, 0, 0)] // within the tolerance
    public void Classes_EachHaveTheirProbability(string output, double a, double b, double c) =>
        Decoding.AssertClose(Pairs(a, b, c), Known().Cells($$"""{"model":"m","multilabel":{{output}}}"""));

    [Theory]
    [InlineData("[0.5,0.5]", RejectionReason.WrongArity)]
    [InlineData("[0.5,0.5,1.5]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("[0.5,0.5,-0.1]", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("[0.5,0.5,1e999]", RejectionReason.NotFinite)]
    [InlineData("[0.5,null,0.5]", RejectionReason.WrongType)]
    [InlineData("[0.5,\"a\",0.5]", RejectionReason.WrongType)]
    [InlineData("[\"a\",[],\"b\"]", RejectionReason.WrongType)]
    [InlineData("[\"a\",\"a\"]", RejectionReason.DuplicateField)]
    [InlineData("""{"a":"yes"}""", RejectionReason.WrongType)]
    [InlineData("""{"a":null,"b":0.5}""", RejectionReason.WrongType)] // NaN of some writers, and not a 0
    [InlineData("""{"a":1,"a":0}""", RejectionReason.DuplicateField)]
    [InlineData("0.5", RejectionReason.WrongType)]
    [InlineData("\"a\"", RejectionReason.WrongType)]
    public void What_is_no_such_output_is_rejected(string output, RejectionReason reason) =>
        Assert.Equal(reason, Known().Decode($$"""{"model":"m","multilabel":{{output}}}"""));

    [Theory]
    [InlineData("""{"model":"m","probs":[0.1,0.1,0.2,0.2,0.2,0.2]}""")]
    [InlineData("""{"model":"m","probs":{"a":1}}""")]
    [InlineData("""{"model":"m","label":"a"}""")]
    [InlineData("""{"model":"m","probability":0.5}""")]
    [InlineData("""{"model":"m","top_probs":{"a":0.5}}""")]
    public void Another_form_is_none_of_such_a_model(string json) => Assert.Equal(RejectionReason.FormMismatch, Known().Decode(json));

    [Fact]
    public void Such_an_output_is_none_of_a_model_of_which_one_class_holds()
    {
        Assert.Equal(RejectionReason.FormMismatch, new Decoding("a", "b").Decode("""{"model":"m","multilabel":[0.5,0.5]}"""));
        Assert.Equal(RejectionReason.FormMismatch, new Decoding("a", "b").Decode("""{"model":"m","multilabel":{"a":0.5}}"""));
    }

    /// <summary>One class that holds or not is two classes, whatever says so.</summary>
    [Fact]
    public void One_class_is_that_of_a_probability()
    {
        var decoding = new Decoding();
        Decoding.AssertClose([0.75, 0.25, 0], decoding.Cells("""{"model":"m","multilabel":{"fraud":0.25}}"""));
        Decoding.AssertClose([0.5, 0.5, 0], decoding.Cells("""{"model":"m","probability":{"fraud":0.5}}"""));
        Assert.Equal(["not fraud", "fraud"], decoding.Model.Classes!.Space.Names);
    }

    /// <summary>The probability that any unknown class holds has as large a part as a class; the others make room.</summary>
    [Fact]
    public void Unknown_classes_are_other()
    {
        var cells = Known().Cells("""{"model":"m","multilabel":{"x":0.2,"a":0.25,"y":0.5}}""");
        var other = (1 - NoTruth) / 3;
        Decoding.AssertClose([.. Pairs(0.25, 0, 0).Take(6).Select(of => of * (1 - other)), other], cells);
        Assert.Equal(1, cells.Sum(), 1e-12);
        Assert.Equal(0, Known().Cells("""{"model":"m","multilabel":{"x":0,"a":0.25}}""")[^1]);
    }

    /// <summary>A single class keeps its share beside an unknown one that certainly holds.</summary>
    [Fact]
    public void Unknown_classes_leave_a_single_class_its_half()
    {
        var decoding = new Decoding("not toxic", "toxic");
        Decoding.AssertClose([0.05, 0.45, 0.5], decoding.Cells("""{"model":"m","multilabel":{"toxic":0.9,"spam":1}}"""));
    }

    [Fact]
    public void Classes_AreInferredByPositionOrByName()
    {
        var decoding = new Decoding();
        decoding.Cells("""{"model":"m","multilabel":[0.5,0.25,0]}""");
        Assert.Equal(["not 0", "0", "not 1", "1", "not 2", "2"], decoding.Model.Classes!.Space.Names);
        Assert.Equal(3, decoding.Model.Classes.Space.Choices);

        decoding = new Decoding();
        decoding.Cells("""{"model":"m","multilabel":[0.25]}""");
        Assert.Equal(["not 1", "1"], decoding.Model.Classes!.Space.Names); // as labels 0 and 1 call them

        decoding = new Decoding();
        Decoding.AssertClose([0.25, 0.25, 0.5, 0, 0], decoding.Cells("""{"model":"m","multilabel":{"b":0,"a":0.5}}"""));
        Assert.Equal(["a", "b"], decoding.Model.Classes!.Space.DistinctNames);
    }

    [Theory]
    [InlineData("""["a"]""")] // what it could have named, nothing says
    [InlineData("[]")]
    [InlineData("{}")]
    public void Classes_AreNotInferredFromThoseThatHold(string output)
    {
        var decoding = new Decoding();
        Assert.Equal(RejectionReason.UnknownClassSpace, decoding.Decode($$"""{"model":"m","multilabel":{{output}}}"""));
        Assert.Null(decoding.Model.Classes);
    }

    /// <summary>The names of a new version come with every record, and are taken in when they do so twice.</summary>
    [Fact]
    public void Names_that_come_again_are_added()
    {
        var decoding = new Decoding();
        decoding.Cells("""{"model":"m","multilabel":{"b":0.5,"c":0.5}}""");
        Assert.True(decoding.Cells("""{"model":"m","multilabel":{"a":0.5,"b":0.5,"c":0.5}}""")[^1] > 0);
        Decoding.AssertClose(Pairs(0.5, 0.25, 0), decoding.Cells("""{"model":"m","multilabel":{"a":0.5,"b":0.25,"c":0}}"""));
        Assert.Equal(["a", "b", "c"], decoding.Model.Classes!.Space.DistinctNames);
    }

    /// <summary>Positions that do not fit those that were inferred count over classes of their own, until most say which hold.</summary>
    [Fact]
    public void Another_number_of_classes_has_a_space_of_its_own()
    {
        var decoding = new Decoding();
        decoding.Cells("""{"model":"m","multilabel":[0.5,0.25]}""");
        Decoding.AssertClose(Pairs(0.5, 0.25, 1), decoding.Cells("""{"model":"m","multilabel":[0.5,0.25,1]}"""));
        Decoding.AssertClose([0.5, 0, 0.5, 0, 0], decoding.Cells("""{"model":"m","multilabel":[0,0]}"""));
    }

    /// <summary>Four cells of two classes by themselves, and of four of which one holds: both have a space.</summary>
    [Fact]
    public void As_many_cells_of_another_kind_have_a_space_of_their_own()
    {
        var decoding = new Decoding();
        decoding.Cells("""{"model":"m","multilabel":[0.5,0.25]}""");
        Decoding.AssertClose([0.25, 0.25, 0.25, 0.25, 0], decoding.Cells("""{"model":"m","probs":[0.25,0.25,0.25,0.25]}"""));
        Assert.Equal(1, decoding.Record.Classes.Space.Choices);
        decoding.Cells("""{"model":"m","multilabel":[0.5,0.25]}""");
        Assert.Equal(2, decoding.Record.Classes.Space.Choices);
    }

    [Fact]
    public void As_many_classes_as_may_be_inferred_have_two_cells_each()
    {
        var most = PredictionDecoder.MaxInferredIndependentClasses;
        var decoding = new Decoding();
        Assert.Equal(
            RejectionReason.TooManyClasses,
            decoding.Decode($$"""{"model":"m","multilabel":[{{string.Join(',', Enumerable.Repeat("0.5", most + 1))}}]}"""));
        decoding.Cells($$"""{"model":"m","multilabel":[{{string.Join(',', Enumerable.Repeat("0.5", most))}}]}""");
        Assert.Equal(most, decoding.Model.Classes!.Space.Choices);
        Assert.Equal(most * Math.Log(2), decoding.Record.EntropyNats, 1e-6);
    }

    [Fact]
    public void Protobuf_says_the_same()
    {
        AssertClose(Pairs(0.25, 1, 0), new Prediction { Model = "m", Multilabel = new Values { Values_ = { 0.25f, 1, 0 } } });
        AssertClose(
            Pairs(0.25, 0, 1),
            new Prediction { Model = "m", Version = "7", Multilabel = new Values { Values_ = { 1, 0.25f }, Classes = { "c", "a" } } });
        AssertClose(Pairs(0, 1, 1), new Prediction { Model = "m", Multilabel = new Values { Classes = { "c", "b" } } });
        AssertClose(Pairs(0, 0, 0), new Prediction { Model = "m", Multilabel = new Values() });

        byte[] twice = [.. new Prediction { Multilabel = new Values() }.ToByteArray(), .. new Prediction { Score = 1 }.ToByteArray()];
        Assert.Equal(RejectionReason.SeveralOutputs, Known().Read(twice, "protobuf"));
    }

    private static void AssertClose(double[] expected, Prediction prediction)
    {
        var decoding = Known();
        Assert.Equal(RejectionReason.None, decoding.Read(prediction.ToByteArray(), "protobuf"));
        Decoding.AssertClose(expected, decoding.Record.Probabilities.ToArray());
    }

    private static Decoding Known()
    {
        var decoding = new Decoding();
        decoding.Model.Fix(new ModelClasses(Space, ModelClasses.Configured));
        return decoding;
    }

    private static double[] Pairs(params double[] output) =>
        [.. output.SelectMany(p => new[] { (1 - p) / output.Length, p / output.Length }), 0];
}
