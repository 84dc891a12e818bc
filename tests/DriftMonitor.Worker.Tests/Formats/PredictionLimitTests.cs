using System.Globalization;
using System.Text;
using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class PredictionLimitTests
{
    private const int MegaBytes = 1024 * 1024;

    [Fact]
    public void Payload_AtAndBeyondTheMostBytes()
    {
        var decoding = new Decoding("a", "b");
        var json = """{"model":"m","probs":[0.5,0.5]}""";
        Assert.Equal(RejectionReason.None, decoding.Decode(json.PadRight(MegaBytes)));
        Assert.Equal(RejectionReason.TooLarge, decoding.Decode(json.PadRight(MegaBytes + 1)));
        Assert.Equal(RejectionReason.TooLarge, decoding.Decode(json.PadRight(10 * MegaBytes)));
    }

    [Fact]
    public void Payload_OfTenMegabytes_IsReadWhenAllowed()
    {
        var decoding = new Decoding(Models(), 10 * MegaBytes, "a", "b");
        var text = new string('x', 9 * MegaBytes);
        Assert.Equal(RejectionReason.None, decoding.Decode($$"""{"extra":"{{text}}","model":"m","probs":[0.5,0.5]}"""));
        Assert.Equal(RejectionReason.InvalidName, decoding.Decode($$"""{"model":"{{text}}","probs":[0.5,0.5]}"""));
        Assert.Equal(RejectionReason.NotFinite, decoding.Decode($$"""{"model":"m","probs":[{{text.Replace('x', '9')}},0.5]}"""));
    }

    [Theory]
    [InlineData(200_000, RejectionReason.SumNotOne)]
    [InlineData(200_001, RejectionReason.TooManyClasses)]
    [InlineData(1_000_000, RejectionReason.TooManyClasses)]
    public void Array_OfMoreValuesThanAClassSpaceMayHave(int values, RejectionReason reason)
    {
        var decoding = new Decoding(Models(), 10 * MegaBytes);
        Assert.Equal(reason, decoding.Decode($$"""{"model":"m","probs":[{{string.Join(',', Enumerable.Repeat('0', values))}}]}"""));
        Assert.Null(decoding.Model.Classes);
    }

    [Theory]
    [InlineData(200_000, RejectionReason.None)]
    [InlineData(200_001, RejectionReason.TooManyClasses)]
    public void Object_OfMoreClassesThanAClassSpaceMayHave(int classes, RejectionReason reason)
    {
        var decoding = new Decoding(Models(), 10 * MegaBytes, "a", "b");
        var others = string.Join(',', Enumerable.Range(0, classes - 1).Select(k => $"\"t{k}\":0"));
        Assert.Equal(reason, decoding.Decode($$"""{"model":"m","probs":{"b":1,{{others}} } }"""));
    }

    [Fact]
    public void Object_OfTenThousandClasses_IsInferredOnce()
    {
        var decoding = new Decoding(Models(), 10 * MegaBytes);
        var classes = string.Join(',', Enumerable.Range(0, 10_000).Select(k => $"\"t{k}\":0.0001"));
        Assert.Equal(RejectionReason.None, decoding.Decode($$"""{"model":"m","probs":{ {{classes}} } }"""));
        Assert.Equal(10_000, decoding.Model.Classes!.Space.ClassCount);
        Assert.Equal(1e-4, decoding.Record.Probabilities[^2], 1e-15);
        Assert.Equal(0, decoding.Record.Probabilities[^1]);
        Assert.Equal(RejectionReason.DuplicateField, decoding.Decode($$"""{"model":"m","probs":{ {{classes}},"t0":0} }"""));
        Assert.Equal(RejectionReason.DuplicateField, decoding.Decode($$"""{"model":"m","probs":{ {{classes}},"t9999":0} }"""));
    }

    [Fact]
    public void Object_OfAHundredThousandUnknownClasses_GrowsNothingTwice()
    {
        var decoding = new Decoding("a", "b");
        var json = Encoding.UTF8.GetBytes(
            $$"""{"model":"m","probs":{ {{string.Join(',', Enumerable.Range(0, 70_000).Select(k => $"\"t{k}\":0"))}},"a":1} }""");
        Assert.Equal(RejectionReason.None, decoding.Decode(json));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(RejectionReason.None, decoding.Decode(json));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000); // the first time it was ten million
        Assert.Equal(2, decoding.Model.Classes!.Space.ClassCount);
    }

    [Fact]
    public void Models_BeyondTheCap_AreRefusedAndCostNoMemory()
    {
        var decoding = new Decoding(new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true), 1024, "a", "b");
        var refused = Count(decoding, """{"model":"m?","probs":[0.5,0.5]}""", out var allocated);
        Assert.Equal(10, decoding.Models.Count);
        Assert.Equal(100_000 - 9, refused);
        Assert.InRange(allocated, 0, 100_000); // what ten models are
        Assert.Equal(RejectionReason.ModelLimit, decoding.Record.Rejection);
        Assert.Equal(RejectionReason.ModelLimit, decoding.Decode("""{"probs":[0.5,0.5]}""", "one more"));
        Assert.Equal(RejectionReason.ModelLimit, decoding.Decode("""{"probs":[0.5,0.5]}""", null, "one more"));
        Assert.Equal(RejectionReason.None, decoding.Decode("""{"model":"m","probs":[0.5,0.5]}"""));
    }

    [Fact]
    public void Models_FromSeveralConsumersAtOnce_StayWithinTheCap()
    {
        for (var round = 0; round < 20; round++)
        {
            var models = Models();
            Parallel.For(0, 8, consumer =>
            {
                var decoding = new Decoding(models, 1024);
                for (var i = 0; i < 20; i++)
                {
                    decoding.Decode($$"""{"model":"m{{consumer}}.{{i}}","probs":[0.5,0.5]}""");
                }
            });
            Assert.Equal(10, models.Count);
        }
    }

    [Fact]
    public void Segments_BeyondTheCap_CountInAllAndCostNoMemory()
    {
        var decoding = new Decoding("a", "b");
        Assert.Equal(0, Count(decoding, """{"model":"m","segment":"s?","probs":[0.5,0.5]}""", out var allocated));
        Assert.Equal(100_000 - 10, decoding.Decoder.SegmentsRefused);
        Assert.InRange(allocated, 0, 100_000);
    }

    [Fact]
    public void Labels_InAnyNumber_LeaveTheClassSpaceAsItIs()
    {
        var decoding = new Decoding("a", "b");
        Assert.Equal(0, Count(decoding, """{"model":"m","label":"x?"}""", out var allocated));
        Assert.InRange(allocated, 0, 10_000);
        Assert.Equal(2, decoding.Model.Classes!.Space.ClassCount);
    }

    private static WatchedModels Models() => new(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true);

    /// <summary>
    /// Decodes 100,000 payloads with a number each where the question mark stands; says how many were rejected and what that allocated.
    /// </summary>
    private static int Count(Decoding decoding, string json, out long allocated)
    {
        var parts = json.Split('?').Select(Encoding.UTF8.GetBytes).ToArray();
        var utf8 = new byte[json.Length + 10];
        parts[0].CopyTo(utf8, 0);
        decoding.Cells("""{"model":"m","probs":[0.5,0.5]}"""); // warm
        var rejected = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            i.TryFormat(utf8.AsSpan(parts[0].Length), out var digits, provider: CultureInfo.InvariantCulture);
            parts[1].CopyTo(utf8, parts[0].Length + digits);
            rejected += decoding.Decode(utf8.AsSpan(0, parts[0].Length + digits + parts[1].Length)) == RejectionReason.None ? 0 : 1;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return rejected;
    }

    /// <summary>Nothing is left of a record that was refused: neither a model nor its classes.</summary>
    [Fact]
    public void Classes_beyond_the_memory_are_refused_and_their_model_is_not_admitted()
    {
        var budget = new MemoryBudget(1_000);
        var decoding = new Decoding(
            new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true, memory: budget), 1024 * 1024);
        var many = $$"""{"probs":[{{string.Join(',', Enumerable.Repeat("0.005", 200))}}]}""";
        Assert.Equal(RejectionReason.MemoryLimit, decoding.Decode(many, "new"));
        Assert.Equal(RejectionReason.MemoryLimit, decoding.Decode(many, "m"));
        Assert.Equal((1, 0), (decoding.Models.Count, budget.Used));
        Assert.Null(decoding.Model.Classes);

        Assert.Equal(RejectionReason.None, decoding.Decode("""{"probs":[0.5,0.5]}""", "new"));
        Assert.Equal(RejectionReason.None, decoding.Decode("""{"probs":[0.5,0.5]}""", "m"));
        Assert.Equal(2, decoding.Models.Count);
    }
}
