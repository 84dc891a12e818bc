using System.Text;
using DriftMonitor.Divergence;
using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Outputs over so many classes that only those which they name are looked at.</summary>
public sealed class LargeVocabularyTests
{
    private const int Tokens = 3_000;

    private readonly Decoding _decoding = new([.. Enumerable.Range(0, Tokens).Select(k => $"t{k}"), "__rest__"]);

    // ln ½ = −0.6931471805599453, ln ¼ = −1.3862943611198906
    [Theory]
    [InlineData(
        """{"model":"m","top_logprobs":{"t2999":-0.6931471805599453,"t7":-1.3862943611198906}}""", 2_999, 0.5, 7, 0.25, Tokens, 0.25)]
    [InlineData(
        """{"model":"m","top_logprobs":{"t7":-0.6931471805599453,"x":-1.3862943611198906,"y":-1.3862943611198906}}""", 7, 0.5,
        Tokens + 1, 0.5, 0, 0.0)]
    [InlineData("""{"model":"m","probs":{"t2":0.5,"t1":0.25,"t0":0.25}}""", 0, 0.25, 1, 0.25, 2, 0.5)]
    [InlineData("""{"model":"m","label":"t5"}""", 5, 1.0, 0, 0.0, 1, 0.0)]
    [InlineData("""{"model":"m","label":"x"}""", Tokens + 1, 1.0, 0, 0.0, 1, 0.0)]
    public void Output_ThatNamesAFew(string json, int first, double p, int second, double q, int third, double r)
    {
        _decoding.Cells("""{"model":"m","probs":{"t100":0.5,"t7":0.5}}"""); // what the one before leaves behind
        var cells = new double[Tokens + 2];
        (cells[first], cells[second], cells[third]) = (p, q, r);
        Decoding.AssertClose(cells, _decoding.Cells(json));
        Assert.True(_decoding.Record.HasFewCells);
        Assert.Equal(Enumerable.Range(0, cells.Length).Where(k => cells[k] > 0), _decoding.Record.FewCells.ToArray());
    }

    [Fact]
    public void Output_OfAll_BetweenThoseOfAFew()
    {
        var all = $$"""{"model":"m","probs":[{{string.Join(',', Enumerable.Repeat("0", Tokens))}},1]}""";
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(Tokens, Array.IndexOf(_decoding.Cells(all), 1));
            Assert.False(_decoding.Record.HasFewCells);
            Assert.Equal(1, _decoding.Cells("""{"model":"m","label":"t9"}""")[9]);
            Assert.Equal(1, _decoding.Record.Probabilities.ToArray().Sum());
        }
    }

    /// <summary>Two policies cost what they name, too, and their divergences are those over all cells.</summary>
    [Fact]
    public void Policies_ThatNameAFew()
    {
        const string json =
            """{"model":"m","policy":{"current":{"t9":0.5,"x":0.25,"t3":0.25},"reference":{"y":0.25,"t3":0.25,"t7":0.25,"z":0.25}}}""";
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(RejectionReason.None, _decoding.Decode(json));
            Assert.True(_decoding.Record.HasFewCells);
            Assert.Equal([3, 9, Tokens + 1], _decoding.Record.FewCells.ToArray());
            var (current, reference) = (_decoding.Record.Probabilities.ToArray(), new double[Tokens + 2]);
            (reference[3], reference[7], reference[Tokens + 1]) = (0.25, 0.25, 0.5); // y and z are unknown
            Assert.Equal(PairedKullbackLeibler.Of(current, reference), _decoding.Record.Paired);
            // what the one before leaves behind
            Assert.Equal(
                RejectionReason.None, _decoding.Decode("""{"model":"m","policy":{"current":{"t1":1},"reference":{"t2":0.5,"t3":0.5}}}"""));
        }
    }

    [Fact]
    public void SampledTokens_HaveNoCells()
    {
        Assert.Equal(RejectionReason.None, _decoding.Decode("""{"model":"m","policy_logprobs":{"current":[-1],"reference":[-2]}}"""));
        Assert.True(_decoding.Record.HasFewCells);
        Assert.True(_decoding.Record.FewCells.IsEmpty);
        Assert.NotNull(_decoding.Record.Sampled);
    }

    [Fact]
    public void Decoding_InTheSteadyState_AllocatesNothing()
    {
        var utf8 = Encoding.UTF8.GetBytes("""{"model":"m","top_logprobs":{"t2999":-1,"t7":-2,"t8":-3,"x":-4}}""");
        for (var i = 0; i < 1_000; i++)
        {
            _decoding.Decode(utf8);
            _ = _decoding.Record.FewCells;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            _decoding.Decode(utf8);
            _ = _decoding.Record.FewCells;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
