using DriftMonitor.Join;
using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class OutputFormTests
{
    // exp(x) / (e + e² + e³) for x = 1, 2, 3
    private const double Soft1 = 0.09003057317038046;
    private const double Soft2 = 0.24472847105479764;
    private const double Soft3 = 0.6652409557748219;

    [Fact]
    public void Probs_AsAnArray_AreInClassOrder() =>
        Decoding.AssertClose([0.5, 0.3, 0.2, 0], new Decoding("a", "b", "c").Cells("""{"model":"m","probs":[0.5,0.3,0.2]}"""));

    [Fact]
    public void Probs_AsAnObject_AreFoundByName() =>
        Decoding.AssertClose([0.5, 0.3, 0.2, 0], new Decoding("a", "b", "c").Cells("""{"model":"m","probs":{"c":0.2,"a":0.5,"b":0.3}}"""));

    [Fact]
    public void Probs_OfClassesNotGiven_AreZero() =>
        Decoding.AssertClose([0, 1, 0, 0], new Decoding("a", "b", "c").Cells("""{"model":"m","probs":{"b":1}}"""));

    [Fact]
    public void Probs_OfUnknownClasses_AddUpInOther() =>
        Decoding.AssertClose(
            [0.5, 0, 0, 0.5], new Decoding("a", "b", "c").Cells("""{"model":"m","probs":{"x":0.2,"a":0.5,"y":0.25,"__other__":0.05}}"""));

    [Fact]
    public void Probs_WithinTolerance_AreDividedByTheirSum() =>
        Decoding.AssertClose(
            [0.5 / 0.9995, 0.3 / 0.9995, 0.1995 / 0.9995, 0],
            new Decoding("a", "b", "c").Cells("""{"model":"m","probs":[0.5,0.3,0.1995]}"""));

    [Theory]
    [InlineData("[1,2,3]")]
    [InlineData("[1001,1002,1003]")] // e^1001 is beyond a double
    [InlineData("[-1002, -1001, -1000]")]
    [InlineData("""{"c":3,"b":2,"a":1}""")]
    public void Logits_BecomeTheirStableSoftmax(string scores) =>
        Decoding.AssertClose([Soft1, Soft2, Soft3, 0], new Decoding("a", "b", "c").Cells($$"""{"model":"m","logits":{{scores}}}"""));

    [Fact]
    public void Logits_AtTheEndsOfDouble_AreADistribution() =>
        Decoding.AssertClose([1, 0, 0, 0], new Decoding("a", "b", "c").Cells("""{"model":"m","logits":[1e308,-1e308,0]}"""));

    [Fact]
    public void Logits_OfUnknownClasses_TakePartInTheSoftmaxAndEndInOther() =>
        Decoding.AssertClose(
            [Soft1, 0, 0, Soft2 + Soft3], new Decoding("a", "b", "c").Cells("""{"model":"m","logits":{"a":1,"x":2,"y":3}}"""));

    [Theory]
    [InlineData("[-0.6931471805599453,-1.3862943611198906,-1.3862943611198906]")] // ln ½, ln ¼, ln ¼
    [InlineData("""{"b":-1.3862943611198906,"a":-0.6931471805599453,"c":-1.3862943611198906}""")]
    public void Logprobs_BecomeProbabilities(string logprobs) =>
        Decoding.AssertClose([0.5, 0.25, 0.25, 0], new Decoding("a", "b", "c").Cells($$"""{"model":"m","logprobs":{{logprobs}}}"""));

    [Fact]
    public void Logprobs_OfClassesNotGivenAndUnknownOnes_AreZeroAndOther() =>
        Decoding.AssertClose(
            [0.5, 0, 0, 0.5],
            new Decoding("a", "b", "c").Cells("""{"model":"m","logprobs":{"a":-0.6931471805599453,"x":-0.6931471805599453}}"""));

    [Theory]
    [InlineData("\"b\"", 1)]
    [InlineData("\"\\u0062\"", 1)]
    [InlineData("\"x\"", 4)]
    [InlineData("\"__other__\"", 4)]
    [InlineData("4", 2)]
    [InlineData("\"4\"", 2)]
    [InlineData("-1", 3)]
    [InlineData("5", 4)]
    [InlineData("123456789012345678901234567890", 4)]
    public void Label_IsOneHot_AndOtherWhenUnknown(string label, int cell)
    {
        var cells = new double[5];
        cells[cell] = 1;
        Decoding.AssertClose(cells, new Decoding("a", "b", "4", "-1").Cells($$"""{"model":"m","label":{{label}}}"""));
    }

    [Fact]
    public void Label_MinusZero_IsTheClassZero() =>
        Decoding.AssertClose([1, 0, 0], new Decoding("0", "1").Cells("""{"model":"m","label":-0}"""));

    [Fact]
    public void Fields_MayComeInAnyOrderWithEscapesAndWhitespaceAndUnknownOnes() =>
        Decoding.AssertClose(
            [0.5, 0.25, 0.25, 0],
            new Decoding("a", "b", "c").Cells(
                " \r\n{ \"extra\" : [{\"probs\":[null]}, \"\\ud800\"] ,\t\"pro\\u0062s\" : [ 5e-1 ,\n2.5E-1,0.25 ] , \"probz\":{}, "
                + "\"\\ud800\":1, \"model\" : \"\\u006d\" } \n"));

    [Fact]
    public void Fields_ThatAreNull_AreAbsent()
    {
        var decoding = new Decoding("a", "b");
        Decoding.AssertClose(
            [0.5, 0.5, 0], decoding.Cells(
                """{"model":"m","id":null,"ts":null,"segment":null,"logits":null,"label":null,"score":null,"probs":[0.5,0.5]}"""));
        Assert.Null(decoding.Record.PayloadTimeMs);
        Assert.Null(decoding.Record.Segment);
    }

    [Fact]
    public void Id_OfAnyKind_DoesNotMatter() =>
        Assert.Equal(RejectionReason.None, new Decoding("a", "b").Decode("""{"model":"m","id":{"a":[1]},"probs":[0.5,0.5]}"""));

    [Fact]
    public void Classes_OfAnArray_AreInferredAsPositions()
    {
        var decoding = new Decoding();
        Decoding.AssertClose([0.5, 0.25, 0.25, 0], decoding.Cells("""{"model":"m","probs":[0.5,0.25,0.25]}"""));
        Assert.Equal(["0", "1", "2"], decoding.Model.Classes!.Space.Names);
        Assert.Equal(ModelClasses.Inferred, decoding.Model.Classes.Generation);
        Decoding.AssertClose([0, 0, 1, 0], decoding.Cells("""{"model":"m","label":2}"""));
    }

    [Fact]
    public void Classes_OfAnObject_AreInferredInOrdinalOrderWithoutOther()
    {
        var decoding = new Decoding();
        Decoding.AssertClose(
            [0.125, 0.5, 0.25, 0.125], decoding.Cells("""{"model":"m","probs":{"ä":0.25,"__other__":0.125,"b":0.5,"B":0.125}}"""));
        Assert.Equal(["B", "b", "ä"], decoding.Model.Classes!.Space.Names);
    }

    [Theory]
    [InlineData("""{"model":"m","probs":[0.5,0.25]}""", RejectionReason.SumNotOne)]
    [InlineData("""{"model":"m","logits":[0.25,0.75]}""", RejectionReason.NotLogits)]
    [InlineData("""{"model":"m","logits":{"a":0.1,"b":0.2,"c":0.7}}""", RejectionReason.NotLogits)]
    [InlineData("""{"model":"m","probs":{"a":0.5}}""", RejectionReason.SingleClass)]
    [InlineData("""{"model":"m","probs":[]}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","probs":{}}""", RejectionReason.WrongArity)]
    [InlineData("""{"model":"m","probs":{"__other__":1}}""", RejectionReason.SingleClass)]
    [InlineData("""{"model":"m","logits":[1,1e999]}""", RejectionReason.NotFinite)]
    [InlineData("""{"model":"m","probs":[0.5,0.5]""", RejectionReason.Malformed)]
    [InlineData("""{"model":"m","label":"a"}""", RejectionReason.UnknownClassSpace)]
    public void Classes_AreNotInferredFromWhatIsRejected(string json, RejectionReason reason)
    {
        var decoding = new Decoding();
        Assert.Equal(reason, decoding.Decode(json));
        Assert.Null(decoding.Model.Classes);
    }

    [Fact]
    public void Classes_OfAReferenceThatCameLater_HoldFromThenOn()
    {
        var decoding = new Decoding();
        decoding.Cells("""{"model":"m","probs":[0.5,0.5]}""");
        decoding.Model.Fix(new ModelClasses(ClassSpace.Create(["x", "y", "z"]), Generation: 1_767_225_600_000));
        Assert.Equal(RejectionReason.WrongArity, decoding.Decode("""{"model":"m","probs":[0.5,0.5]}"""));
        Decoding.AssertClose([0.5, 0.25, 0.25, 0], decoding.Cells("""{"model":"m","probs":[0.5,0.25,0.25]}"""));
    }

    /// <summary>exp(−ln 2) and exp(−ln 4); the missing quarter is the rest's, or unknown when the space has none.</summary>
    [Theory]
    [InlineData("a,b,__rest__", 0.5, 0.25, 0.25, 0.0)]
    [InlineData("a,b,c", 0.5, 0.25, 0.0, 0.25)]
    [InlineData("b,c,__rest__", 0.25, 0.0, 0.25, 0.5)]
    public void TopLogprobs_LeaveWhatIsMissingToTheRest(string classes, params double[] cells) => Decoding.AssertClose(
        cells, new Decoding(classes.Split(',')).Cells(
            """{"model":"m","top_logprobs":{"a":-0.6931471805599453,"b":-1.3862943611198906,"filler":-1e999,"none":null}}"""));

    [Fact]
    public void TopLogprobs_OfANewModel_FixItsClassesAndARest()
    {
        var decoding = new Decoding();
        Decoding.AssertClose(
            [0.25, 0.5, 0.25, 0], decoding.Cells("""{"model":"m","top_logprobs":{"b":-1.3862943611198906,"a":-0.6931471805599453}}"""));
        Assert.Equal(["__rest__", "a", "b"], decoding.Model.Classes!.Space.Names);
    }

    [Theory]
    [InlineData("-0.001", 0)]
    [InlineData("-1e999", 0)]
    [InlineData("\"-Infinity\"", 0)]
    [InlineData("0", 1)]
    [InlineData("-0.0", 1)]
    [InlineData("0.9999", 1)]
    [InlineData("1", 2)]
    [InlineData("2", 2)] // the last bin is closed
    [InlineData("2.0000000000000004", 3)]
    [InlineData("1e308", 3)]
    [InlineData("\"Infinity\"", 3)]
    [InlineData("\"NaN\"", 4)]
    public void Score_FallsIntoOneOfTheReferencesBins(string score, int bin)
    {
        Assert.True(ScoreBins.TryCreate([0, 1, 2], out var bins, out _));
        var decoding = new Decoding();
        decoding.Model.Fix(new ModelClasses(bins.Space, ModelClasses.Configured, bins));
        var expected = new double[6];
        expected[bin] = 1;
        Decoding.AssertClose(expected, decoding.Cells($$"""{"model":"m","score":{{score}}}"""));
    }

    [Theory]
    [InlineData("""{"probs":[0.5,0.5,0,0,0],"model":"m"}""")]
    [InlineData("""{"label":"NaN","model":"m"}""")]
    [InlineData("""{"rewards":{"chosen":1,"rejected":0},"model":"m"}""")]
    public void Bins_TakeScoresOnly(string json)
    {
        Assert.True(ScoreBins.TryCreate([0, 1, 2], out var bins, out _));
        var decoding = new Decoding();
        decoding.Model.Fix(new ModelClasses(bins.Space, ModelClasses.Configured, bins));
        Assert.Equal(RejectionReason.FormMismatch, decoding.Decode(json));
    }

    /// <summary>σ(ln 3) = ¾.</summary>
    [Theory]
    [InlineData("""{"chosen":1.0986122886681098,"rejected":0}""", 0.75)]
    [InlineData("""{"rejected":101.0986122886681098,"note":"ignored","chosen":100}""", 0.25)]
    [InlineData("""{"chosen":1e308,"rejected":-1e308}""", 1)]
    [InlineData("""{"chosen":-1e308,"rejected":1e308}""", 0)]
    public void Rewards_AreTheProbabilityThatTheChosenAnswerIsPreferred(string rewards, double chosen)
    {
        var decoding = new Decoding();
        Decoding.AssertClose([chosen, 1 - chosen, 0], decoding.Cells($$"""{"model":"m","rewards":{{rewards}}}"""));
        Assert.Equal(["chosen", "rejected"], decoding.Model.Classes!.Space.Names);
    }

    /// <summary>KL(cur‖ref) = ½ ln 2 + ½ ln ⅔, KL(ref‖cur) = ¼ ln ½ + ¾ ln 1.5: arrays by position, objects by name.</summary>
    [Theory]
    [InlineData("""{"current":[0.5,0.5],"reference":[0.25,0.75]}""")]
    [InlineData("""{"reference":{"b":0.75,"a":0.25},"current":{"a":0.5,"b":0.5}}""")]
    public void Policy_IsTheCurrentOneAndHowFarTheOtherIs(string policies)
    {
        var decoding = new Decoding("a", "b");
        Decoding.AssertClose([0.5, 0.5, 0], decoding.Cells($$"""{"model":"m","policy":{{policies}}}"""));
        var paired = decoding.Record.Paired!.Value;
        Assert.Equal(0.14384103622589042, paired.LiveVsReference, 1e-15);
        Assert.Equal(0.13081203594113697, paired.ReferenceVsLive, 1e-15);
        Assert.False(paired.Clamped);
        decoding.Cells("""{"model":"m","probs":[0.5,0.5]}""");
        Assert.Null(decoding.Record.Paired); // nothing of the record before
    }

    /// <summary>ln r = ln ½ and ln 2: k1 = 0, k2 = ½ ln² 2, k3 = ¼ on average.</summary>
    [Fact]
    public void PolicyLogprobs_AreNoDistribution_AndFixNoClasses()
    {
        var decoding = new Decoding();
        decoding.Cells("""{"model":"m","policy_logprobs":{"current":[-1,-2],"reference":[-1.6931471805599453,-1.3068528194400546]}}""");
        Assert.False(decoding.Record.HasDistribution);
        var sampled = decoding.Record.Sampled!.Value;
        Assert.Equal(0, sampled.K1, 1e-15);
        Assert.Equal(0.2402265069591007, sampled.K2, 1e-15);
        Assert.Equal(0.25, sampled.K3, 1e-15);
        Assert.Null(decoding.Model.Classes);

        decoding.Cells("""{"model":"m","policy_logprobs":{"current":[1.5],"reference":[0.5]}}"""); // log-densities of a continuous action
        Assert.Equal(1, decoding.Record.Sampled!.Value.K1, 1e-15);

        decoding.Cells("""{"model":"m","policy_logprobs":{"current":[-1],"reference":[-1e999]}}""");
        Assert.Equal(
            (20.0, 200.0, true),
            (decoding.Record.Sampled!.Value.K1, decoding.Record.Sampled!.Value.K2, decoding.Record.Sampled!.Value.Clamped));
    }

    [Theory]
    [InlineData("""{"a":0.5,"b":0.25}""")]
    [InlineData("""{"b":"0.25","a":"5e-1","filler":0,"none":null}""")]
    [InlineData("""{"a":0.25,"b":0.25,"a":0.25}""")] // tokens that print alike
    public void TopProbs_LeaveWhatIsMissingToTheRest(string probabilities) => Decoding.AssertClose(
        [0.5, 0.25, 0.25, 0], new Decoding("a", "b", "__rest__").Cells($$"""{"model":"m","top_probs":{{probabilities}}}"""));

    [Fact]
    public void TopLogprobs_OfTokensThatPrintAlike_AddUp() => Decoding.AssertClose(
        [0.5, 0.25, 0.25, 0],
        new Decoding("a", "b", "__rest__").Cells(
            """{"model":"m","top_logprobs":{"a":-1.3862943611198906,"b":-1.3862943611198906,"a":-1.3862943611198906,"b":-1e999}}"""));

    [Theory]
    [InlineData("""{"a":"0.5x"}""", RejectionReason.WrongType)]
    [InlineData("""{"a":" 0.5"}""", RejectionReason.WrongType)]
    [InlineData("""{"a":true}""", RejectionReason.WrongType)]
    [InlineData("""{"a":"NaN"}""", RejectionReason.NotFinite)]
    [InlineData("""{"a":-0.1}""", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("""{"a":0.75,"b":0.5}""", RejectionReason.SumNotOne)]
    [InlineData("""{"a":0}""", RejectionReason.WrongArity)]
    [InlineData("""{}""", RejectionReason.WrongArity)]
    [InlineData("""[0.5]""", RejectionReason.WrongType)]
    public void TopProbs_ThatAreNone_HaveTheirReason(string probabilities, RejectionReason reason) =>
        Assert.Equal(reason, new Decoding().Decode($$"""{"model":"m","top_probs":{{probabilities}}}"""));

    [Theory]
    [InlineData("0.25", "0,1", 0.75, 0.25)]
    [InlineData("\"0.25\"", "0,1", 0.75, 0.25)]
    [InlineData("{\"churn\":0.25}", "not churn,churn", 0.75, 0.25)]
    [InlineData("1.0005", "0,1", 0, 1)] // rounded, as probabilities are
    public void Probability_IsThatOfTheSecondOfTwoClasses(string probability, string classes, double first, double second)
    {
        var decoding = new Decoding();
        for (var record = 0; record < 2; record++) // whose classes are unknown, then known
        {
            Decoding.AssertClose([first, second, 0], decoding.Cells($$"""{"model":"m","probability":{{probability}}}"""));
            Assert.Equal(classes.Split(','), decoding.Model.Classes!.Space.Names);
        }
    }

    [Theory]
    [InlineData("""{"yes":0.25}""", 0.75, 0.25)]
    [InlineData("""{"no":0.25}""", 0.25, 0.75)]
    [InlineData("0.25", 0.75, 0.25)]
    public void Probability_OfEitherOfTwoKnownClasses(string probability, double no, double yes) =>
        Decoding.AssertClose([no, yes, 0], new Decoding("no", "yes").Cells($$"""{"model":"m","probability":{{probability}}}"""));

    [Theory]
    [InlineData("""{"maybe":0.25}""", RejectionReason.FormMismatch)]
    [InlineData("""{"yes":0.25,"no":0.75}""", RejectionReason.WrongArity)]
    [InlineData("{}", RejectionReason.WrongArity)]
    [InlineData("1.5", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("-0.5", RejectionReason.ProbabilityOutOfRange)]
    [InlineData("1e999", RejectionReason.NotFinite)]
    [InlineData("[0.5]", RejectionReason.WrongType)]
    [InlineData("true", RejectionReason.WrongType)]
    public void Probability_ThatIsNone_HasItsReason(string probability, RejectionReason reason) =>
        Assert.Equal(reason, new Decoding("no", "yes").Decode($$"""{"model":"m","probability":{{probability}}}"""));

    [Fact]
    public void Probability_OfThreeClasses_IsRefused() =>
        Assert.Equal(RejectionReason.WrongArity, new Decoding("a", "b", "c").Decode("""{"model":"m","probability":0.5}"""));

    /// <summary>Bernoulli: −ln p of what happened, −ln(1 − p) of what did not, whatever the classes are called.</summary>
    [Theory]
    [InlineData("0.25")]
    [InlineData("{\"churn\":0.25}")]
    public void Probability_AgainstLabelsOf0And1_CostsItsLogarithm(string probability)
    {
        var decoding = new Decoding();
        var cells = decoding.Cells($$"""{"model":"m","probability":{{probability}}}""");
        var prediction = new JoinedPrediction(0, 0, [], decoding.Model.Classes!.Space, cells);
        Assert.Equal(1.3862943611198906, Loss("1"), 1e-9);
        Assert.Equal(0.28768207245178096, Loss("0"), 1e-9);

        double Loss(string label) =>
            FeedbackOutcome.Create(prediction, new FeedbackLabel(0, 0, label, null)).LossUnits / 4294967296.0;
    }

    /// <summary>One class is always 1, whatever the number: it would never drift.</summary>
    [Theory]
    [InlineData("""{"model":"m","probs":[0.25]}""")]
    [InlineData("""{"model":"m","probs":[1]}""")]
    [InlineData("""{"model":"m","probs":{"churn":0.25}}""")]
    [InlineData("""{"model":"m","probs":{"churn":0.25,"__other__":0.75}}""")]
    [InlineData("""{"model":"m","logits":[-1.5]}""")]
    [InlineData("""{"model":"m","logprobs":[0]}""")]
    [InlineData("""{"model":"m","policy":{"current":[1],"reference":[1]}}""")]
    public void OneClass_IsRefused(string json)
    {
        var decoding = new Decoding();
        Assert.Equal(RejectionReason.SingleClass, decoding.Decode(json));
        Assert.Null(decoding.Model.Classes);
        Assert.Equal(RejectionReason.SingleClass, new Decoding("churn").Decode(json));
    }

    /// <summary>k1 is the mean of current − reference over the tokens: (1 − 2 + 0.5) / 3.</summary>
    [Theory]
    [InlineData("""{"current":[-1,-4,-2.5],"reference":[-2,-2,-3]}""")]
    [InlineData("""{"current":[null,-1,-4,-2.5],"reference":[null,-2,-2,-3]}""")]
    [InlineData("""{"current":[null,-1,-4,-2.5],"reference":[-7,-2,-2,-3]}""")]
    [InlineData("""{"current":[-1,-4,-2.5,1,1],"reference":[-2,-2,-3,1,1],"mask":[1,1,1,0,0]}""")]
    [InlineData("""{"mask":[true,true,true,false,false],"current":[-1,-4,-2.5,0,0],"reference":[-2,-2,-3,-1e10,-1e10]}""")]
    [InlineData("""{"current":[-1,-4,-2.5,null,null],"reference":[-2,-2,-3,null,null],"mask":[1,1,1,0.0,0]}""")]
    [InlineData("""{"current":[0,0,-1,0,-4,-2.5],"reference":[0,0,-2,0,-2,-3],"mask":[0,0,1,0,1,1]}""")]
    [InlineData("""{"length":3,"current":[-1,-4,-2.5,1e999],"reference":[-2,-2,-3,0]}""")]
    [InlineData("""{"length":3,"current":[-1,-4,-2.5],"reference":[-2,-2,-3],"mask":null}""")]
    [InlineData("""{"length":5,"current":[null,-1,-4,-2.5,0,0],"reference":[null,-2,-2,-3,0,0],"mask":[1,1,1,1,0,0]}""")]
    public void PolicyLogprobs_OfTokensOnly(string policies)
    {
        var decoding = new Decoding();
        decoding.Cells($$"""{"model":"m","policy_logprobs":{{policies}}}""");
        Assert.Equal(-0.5 / 3, decoding.Record.Sampled!.Value.K1, 1e-15);
        decoding.Cells("""{"model":"m","policy_logprobs":{"current":[-1,-2],"reference":[-3,-4]}}""");
        Assert.Equal(2, decoding.Record.Sampled!.Value.K1, 1e-15); // nothing of the mask before
    }

    [Theory]
    [InlineData("""{"current":[-1,-4,1,1],"reference":[-2,-2,1,1]}""")]
    [InlineData("""{"current":[-1,-4,0],"reference":[-2,-2,0]}""")]
    [InlineData("""{"current":[0.0,0,-1,-4],"reference":[0,-0.0,-2,-2]}""")]
    [InlineData("""{"current":[null,-1,-4,0],"reference":[null,-2,-2,0]}""")]
    [InlineData("""{"current":[-1,-4,0.0,0.0],"reference":[-2,-2,-1e10,-1e10]}""")]
    [InlineData("""{"current":[-1,-9999.0,-4],"reference":[-2,-9999.0,-2]}""")]
    [InlineData("""{"current":[-1,-4,null],"reference":[-2,-2,null]}""")]
    public void PolicyLogprobs_ThatArePadded_AreRefusedWithoutAMaskOrALength(string policies) =>
        Assert.Equal(RejectionReason.Padding, new Decoding().Decode($$"""{"model":"m","policy_logprobs":{{policies}}}"""));

    [Theory]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"mask":[1]}""", RejectionReason.WrongArity)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"mask":[0,0]}""", RejectionReason.WrongArity)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"mask":[1,0.5]}""", RejectionReason.WrongType)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"mask":1}""", RejectionReason.WrongType)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"length":3}""", RejectionReason.WrongArity)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"length":0}""", RejectionReason.WrongArity)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"length":-1}""", RejectionReason.WrongType)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"length":1.5}""", RejectionReason.WrongType)]
    [InlineData("""{"current":[-1,-4],"reference":[-2,-2],"length":1,"length":1}""", RejectionReason.DuplicateField)]
    [InlineData("""{"current":[-1,null],"reference":[-2,-2],"length":2}""", RejectionReason.NotFinite)]
    public void Masks_ThatAreNone_HaveTheirReason(string policies, RejectionReason reason) =>
        Assert.Equal(reason, new Decoding().Decode($$"""{"model":"m","policy_logprobs":{{policies}}}"""));

    /// <summary>0 for both within a response is a token that both are sure of, and one sampled action is no padded response.</summary>
    [Theory]
    [InlineData("""{"current":[-1,0,-4],"reference":[-2,0,-2]}""", -1.0 / 3)]
    [InlineData("""{"current":[0],"reference":[0]}""", 0)]
    public void Sure_tokens_are_no_padding(string policies, double k1)
    {
        var decoding = new Decoding();
        decoding.Cells($$"""{"model":"m","policy_logprobs":{{policies}}}""");
        Assert.Equal(k1, decoding.Record.Sampled!.Value.K1, 1e-15);
    }
}
