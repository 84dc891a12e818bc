using System.Text;
using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class PredictionAllocationTests
{
    [Theory]
    [InlineData("""{"model":"m","id":"p000001","ts":1767225600100,"probs":[0.25,0.75]}""")]
    [InlineData("""{"model":"m","ts":"2026-01-01T00:00:00\u002B00:00","probs":[ 2.5e-1, 0.75000000000000000001 ]}""")]
    [InlineData("""{"probs":{"b":0.5,"a":0.25,"unseen":0.25},"segment":"camera=2","m\u006fdel":"\u006d"}""")]
    [InlineData("""{"model":"m","logits":[1,2]}""")]
    [InlineData("""{"model":"m","logprobs":[-0.6931471805599453,-0.6931471805599453]}""")]
    [InlineData("""{"model":"m","label":"b"}""")]
    [InlineData("""{"model":"m","label":4}""")]
    [InlineData("""{"label":4}""")]
    [InlineData("""{"model":"m","probs":[0.5,0.25]}""")]
    [InlineData("""{"model":"m","score":0.5}""")]
    public void Decoding_InTheSteadyState_AllocatesNothing(string json)
    {
        AllocatesNothing(new Decoding("a", "b"), json);
    }

    /// <summary>Two names that stand for one model, in turn: no name is matched twice.</summary>
    [Fact]
    public void Decoding_of_names_that_stand_for_versions_allocates_nothing() => AllocatesNothing(
        Decoding.Mapped(("m", "m-(?<version>.+)")),
        """{"model":"m-1","segment":"s","probs":[0.25,0.75]}""", """{"model":"m-2","probs":[0.25,0.75]}""",
        """{"model":"m-2","version":"3","probs":[0.25,0.75]}""");

    private static void AllocatesNothing(Decoding decoding, params string[] payloads)
    {
        var utf8 = Array.ConvertAll(payloads, Encoding.UTF8.GetBytes);
        var key = "m"u8.ToArray();
        for (var i = 0; i < 1_000; i++)
        {
            decoding.Decode(utf8[i % utf8.Length], null, key); // warm
        }

        // A collection may empty a pool, which then fills once: so a round without any, of a few, tells that records need nothing.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => AllocatedBy(10_000)));
        Assert.NotEqual(RejectionReason.Malformed, decoding.Record.Rejection);

        long AllocatedBy(int records)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < records; i++)
            {
                decoding.Decode(utf8[i % utf8.Length], null, key);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
