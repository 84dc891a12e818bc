using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsCheck;
using DriftMonitor.Model;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Formats;
using Xunit.Sdk;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>
/// Whatever the bytes, the decoder gives a distribution or a reason, never an exception, and the same again for the same bytes.
/// <c>DRIFTMONITOR_FUZZ_INPUTS=10000000</c> makes it a long run; tests/README.md has the command.
/// </summary>
public sealed class PredictionFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[][] Valid = new[]
    {
        """{"model":"m","id":"p000001","ts":1767225600100,"probs":[0.5,0.25,0.125,0.125]}""",
        """{"model":"m","segment":"camera=2","ts":"2026-01-01T00:00:00.5+01:00","probs":{"a":0.5,"x":0.25,"c":0.25}}""",
        """{"logits":[1.5, -2e1, 1000, 999.25],"model":"m"}""",
        """{"model":"new","logprobs":{"a":-0.6931471805599453,"b":-0.6931471805599453}}""",
        """{"model":"m","label":"b","extra":[{"a":null},true,"\u00e4"]}""",
        """{"label":3,"model":"\u006d"}""",
        """{ "model" : "other" , "probs" : [ 1 , 0.0 ] }""",
        """{"model":"m","top_logprobs":{"a":-0.7,"token":-1.5,"c":-9999}}""",
        """{"model":"scores","score":0.5}""",
        """{"model":"pairs","rewards":{"chosen":1.5,"rejected":-0.5}}""",
        """{"model":"m","policy":{"current":{"a":0.5,"b":0.5},"reference":{"a":0.25,"c":0.75}}}""",
        """{"model":"m","policy":{"current":[0.5,0.25,0.125,0.125],"reference":[1,0,0,0]}}""",
        """{"model":"m","top_probs":{"a":0.5,"token":"0.25","a":0.125}}""",
        """{"model":"two","probability":0.25}""",
        """{"model":"tags","multilabel":{"a":0.25,"b":true}}""",
        """{"model":"tags","multilabel":["a"]}""",
        """{"model":"tags","multilabel":[1,0.5]}""",
        """{"model":"named","probability":{"churn":"0.25"}}""",
        """{"model":"sampled","policy_logprobs":{"current":[null,-1,-0.5,1],"reference":[null,-1.5,-0.25,1],"mask":[1,1,1,0]}}""",
        """{"model":"sampled","policy_logprobs":{"current":[-1,-0.5,0],"reference":[-1.5,-0.25,0],"length":2}}""",
        """{"model":"sampled","policy_logprobs":{"current":[-1,-0.5],"reference":[-1.5,-0.25]}}""",
    }.Select(Encoding.UTF8.GetBytes).ToArray();

    private static readonly ScoreBins Bins = ScoreBins.OfQuantiles([0, 0.25, 0.5, 1], 3)!;

    private static readonly Gen<byte> Interesting = Gen.OneOf(Gen.Byte, Gen.Char["0123456789.-+eE,:[]{}\"\\ \tabmnu"].Select(c => (byte)c));

    [Fact]
    public void RandomBytes_AreRejectedOrADistribution() =>
        Interesting.Array[0, 200].Sample(utf8 => { CheckDecoding(utf8); }, iter: Trials.Of(everyRun: 5_000, full: 20_000));

    [Fact]
    public void MutatedPayloads_AreRejectedOrADistribution() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1000], Interesting).Array[1, 4])
            .Select((valid, mutations) => mutations.Aggregate(Valid[valid], Mutate))
            .Sample(utf8 => { CheckDecoding(utf8); }, iter: Trials.Of(everyRun: 10_000, full: 50_000));

    /// <summary>
    /// Mutations that know where a value begins: members twice, numbers of any size, deep nesting, halves of other payloads.
    /// </summary>
    [Fact]
    public void MutatedStructures_AreRejectedOrADistribution()
    {
        var inputs = long.Parse(Environment.GetEnvironmentVariable("DRIFTMONITOR_FUZZ_INPUTS") ?? "25000", CultureInfo.InvariantCulture);
        var seed = Fuzzing.Seed;
        var random = new Random(seed);
        var reasons = new long[Enum.GetValues<RejectionReason>().Length];
        var started = TimeProvider.System.GetTimestamp();
        var slowest = TimeSpan.Zero;
        for (var input = 0L; input < inputs; input++)
        {
            var utf8 = MutatedJson.Next(random, Valid);
            var before = TimeProvider.System.GetTimestamp();
            try
            {
                reasons[(int)CheckDecoding(utf8)]++;
            }
            catch (Exception problem)
            {
                throw new XunitException($"input {input} of seed {seed}, {Convert.ToBase64String(utf8)}: {problem}");
            }

            var took = TimeProvider.System.GetElapsedTime(before);
            slowest = took > slowest ? took : slowest;
        }

        output.WriteLine(
            $"{inputs} inputs of seed {seed} in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F0} s, the slowest in "
            + $"{slowest.TotalMilliseconds:F0} ms");
        foreach (var reason in Enum.GetValues<RejectionReason>())
        {
            output.WriteLine($"{reason,-24}{reasons[(int)reason],12}");
        }

        // Not reached: what is no property of the payload, what other formats have, and what takes a megabyte (PredictionLimitTests).
        RejectionReason[] notReached = [
            RejectionReason.TooLarge, RejectionReason.TooManyClasses, RejectionReason.Late, RejectionReason.Future,
            RejectionReason.UnknownModel, RejectionReason.ModelLimit, RejectionReason.MemoryLimit, RejectionReason.NotACloudEvent,
            RejectionReason.UndeclaredFrame, RejectionReason.InvalidTimestamp,
            RejectionReason.UnknownSchema];
        Assert.All(
            Enum.GetValues<RejectionReason>().Except(notReached),
            reason => Assert.True(reasons[(int)reason] > 0, $"no input came to {reason}"));
    }

    [Fact]
    public void ValidPayloads_AreAccepted()
    {
        foreach (var utf8 in Valid)
        {
            Assert.Equal(RejectionReason.None, Decoding().Decode(utf8));
            Assert.Equal(RejectionReason.None, CheckDecoding(utf8));
        }
    }

    private static byte[] Mutate(byte[] utf8, (int Kind, int Position, byte Byte) mutation)
    {
        var at = mutation.Position % (utf8.Length + 1);
        var (before, after) = (utf8[..at], utf8[at..]);
        return mutation.Kind switch
        {
            0 => [.. before, mutation.Byte, .. after], // insert
            1 => [.. before, mutation.Byte, .. after.Skip(1)], // change
            2 => [.. before, .. after.Skip(1 + (mutation.Byte % 4))], // delete
            3 => [.. before, .. after[..(after.Length / 2)], .. after], // duplicate
            _ => mutation.Byte % 4 == 0 ? before : [.. before, .. after.Take(1), .. after], // truncate, or a byte twice
        };
    }

    private static Decoding Decoding()
    {
        var decoding = new Decoding("a", "b", "c", "3");
        decoding.Models.Add("tags").Fix(new ModelClasses(InferredSpaces.OfIndependentPositions(2), ModelClasses.Configured));
        decoding.Models.Add("scores").Fix(new ModelClasses(Bins.Space, ModelClasses.Configured, Bins));
        return decoding;
    }

    private static RejectionReason CheckDecoding(byte[] utf8)
    {
        var decoding = Decoding();
        var first = decoding.Decode(utf8);
        if (IsJson(utf8) is { } json && json != first is not (RejectionReason.Malformed or RejectionReason.Empty))
        {
            Assert.Fail($"{first}, but the framework says {(json ? "JSON" : "no JSON")}");
        }

        if (first != RejectionReason.None)
        {
            Assert.Equal(first, decoding.Decode(utf8));
            return first;
        }

        var slices = (decoding.Record.Model, decoding.Record.PayloadTimeMs, decoding.Record.Segment, decoding.Record.Version);
        var cells = decoding.Record.Probabilities.ToArray();
        Assert.True(Array.TrueForAll(cells, p => p is >= 0 and <= 1 + 1e-9), $"no distribution: {string.Join(' ', cells)}");
        Assert.Equal(decoding.Record.HasDistribution ? 1 : 0, cells.Sum(), 1e-9);

        Assert.Equal(RejectionReason.None, decoding.Decode(utf8));
        Assert.True(decoding.Record.Probabilities.SequenceEqual(cells));
        Assert.Equal(
            slices, (decoding.Record.Model, decoding.Record.PayloadTimeMs, decoding.Record.Segment, decoding.Record.Version));
        return first;
    }

    /// <summary>Whether the framework's parser takes it; null where the decoder also looks at escapes for half a surrogate pair.</summary>
    private static bool? IsJson(byte[] utf8)
    {
        if (utf8.AsSpan().IndexOf("\\u"u8) >= 0)
        {
            return null;
        }

        var reader = new Utf8JsonReader(utf8); // allocates nothing, unlike a document
        try
        {
            while (reader.Read())
            {
            }

            return Utf8.IsValid(utf8);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
