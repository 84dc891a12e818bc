using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.References;

/// <summary>Losses and policies in snapshot files.</summary>
public sealed class ReferenceFileBaselineTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");

    private string File1 => Path.Combine(_directory.FullName, "m.json");

    [Fact]
    public void Baselines_are_read_as_they_were_written() => Gen.Double[-20, 44].Array[1, 50].Sample(
        values =>
        {
            var snapshot = SmallSnapshot.WithBaselines(values);
            ReferenceFile.Write(snapshot, File1);
            var read = ReferenceFile.Read(File1);

            Assert.Equal(snapshot.Id, read.Id);
            Same(snapshot.Losses!, read.Losses!);
            Same(snapshot.Errors!, read.Errors!);
            Assert.Equal([PolicyEstimate.K1, PolicyEstimate.K2, PolicyEstimate.K3], read.Policies.Keys.Order());
            Assert.All(snapshot.Policies, policy => Same(policy.Value, read.Policies[policy.Key]));
        },
        iter: 50,
        threads: 1);

    [Fact]
    public void A_mean_whose_shortest_text_is_its_neighbours_is_read_as_it_was_written()
    {
        var mean = Math.ScaleB(1, -25); // 2.980232238769531E-08 by .NET 10, which is read as the number below
        ReferenceFile.Write(SmallSnapshot.WithBaselines(mean, mean), File1);
        Assert.Equal([mean], ReferenceFile.Read(File1).Losses!.BinMeans);
    }

    [Fact]
    public void Baselines_are_written_for_people_and_only_where_there_are_any()
    {
        ReferenceFile.Write(SmallSnapshot.WithBaselines(2, 1, 1), File1);
        var document = JsonNode.Parse(File.ReadAllText(File1))!;
        Assert.Equal(
            """{"bin_means":[1,2],"blocks":[{"start_ms":0,"counts":{"1":1}},{"start_ms":10000,"counts":{"0":1}},{"start_ms":20000,"counts":{"0":1}}]}""",
            document["losses"]!.ToJsonString());
        Assert.Equal(
            """{"bin_means":[0,1],"blocks":[{"start_ms":0,"counts":{"1":1}},{"start_ms":10000,"counts":{"1":1}},{"start_ms":20000,"counts":{"1":1}}]}""",
            document["errors"]!.ToJsonString());
        Assert.Equal(["k1", "k2", "k3"], document["policies"]!.AsObject().Select(policy => policy.Key));

        ReferenceFile.Write(SmallSnapshot.Of(), File1);
        document = JsonNode.Parse(File.ReadAllText(File1))!;
        Assert.Equal((null, null, null), (document["losses"], document["policies"], document["errors"]));
    }

    /// <summary>A file as it was written when references knew what labels cost, and not how often predictions were wrong.</summary>
    [Fact]
    public void A_file_from_before_there_was_a_baseline_of_errors_is_read_and_keeps_its_id()
    {
        File.WriteAllText(
            File1,
            """{"format":"driftmonitor-reference/1","id":"740526f0efb278bc","model":"m","version":1,"created_at":"2026-11-28T20:50:18.7593767+00:00","classes":["0","1"],"segments":{"_all":{"events":3,"mass":[5368709120,7516192768,0],"squares":[2952790016,5100273664,0]}},"blocks":[{"start_ms":1767225600000,"events":2,"mass":[4294967296,4294967296,0]},{"start_ms":1767225610000,"events":1,"mass":[1073741824,3221225472,0]}],"losses":{"bin_means":[0.28768207249231637,1.386294361203909],"blocks":[{"start_ms":1767225600000,"counts":{"0":1,"1":1}},{"start_ms":1767225610000,"counts":{"0":1}}]}}""");

        var read = ReferenceFile.Read(File1);

        Assert.Equal(("740526f0efb278bc", 3, null, null), (read.Id, read.Losses!.Events, read.Errors, read.AccuracyRatio));
        var text = File.ReadAllText(File1);
        ReferenceFile.Write(read, File1);
        Assert.Equal(text, File.ReadAllText(File1));
    }

    [Theory]
    [InlineData("""{"blocks":[]}""", "bin_means")]
    [InlineData("""{"bin_means":[1],"blocks":[]}""", "losses: there must be at least one bin")]
    [InlineData("""{"bin_means":[1],"blocks":null}""", "null")]
    [InlineData("""{"bin_means":[1],"blocks":[null]}""", "losses: a block is null")]
    [InlineData(
        """{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"0":-1}}]}""", "losses: the block that starts at 0 has a negative count")]
    [InlineData(
        """{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{}}]}""",
        "losses: the block that starts at 0 has a negative count, or no events")]
    [InlineData(
        """{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"1":1}}]}""", "losses: the block that starts at 0 counts in bin 1 of 1")]
    [InlineData(
        """{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"-1":1}}]}""",
        "losses: the block that starts at 0 counts in bin -1 of 1")]
    [InlineData("""{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"x":1}}]}""", "losses")]
    [InlineData(
        """{"bin_means":[1],"blocks":[{"start_ms":5,"counts":{"0":1}},{"start_ms":5,"counts":{"0":1}}]}""",
        "losses: the block that starts at 5 comes after")]
    [InlineData("""{"bin_means":["NaN"],"blocks":[{"start_ms":0,"counts":{"0":1}}]}""", "losses.bin_means")]
    [InlineData("""{"bin_means":[1e999],"blocks":[{"start_ms":0,"counts":{"0":1}}]}""", "losses")]
    [InlineData("""{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"0":2}}]}""", "the file was changed after it was made")]
    public void A_baseline_that_cannot_be_is_refused_and_named(string json, string named)
    {
        Assert.Contains(named, Refusal(document => document["losses"] = JsonNode.Parse(json)), StringComparison.Ordinal);
        var policies = new JsonObject { ["k3"] = JsonNode.Parse(json) };
        Assert.Contains(
            named.Replace("losses", "policies.k3", StringComparison.Ordinal),
            Refusal(document => document["policies"] = policies),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"0":1}}]}""", "errors have two bins")]
    [InlineData("""{"bin_means":[0,1],"blocks":[]}""", "errors: there must be at least one bin and one block")]
    [InlineData("""{"bin_means":[0,1],"blocks":[{"start_ms":0,"counts":{"0":2}}]}""", "the file was changed after it was made")]
    public void Errors_that_cannot_be_are_refused_and_named(string json, string named) =>
        Assert.Contains(named, Refusal(document => document["errors"] = JsonNode.Parse(json)), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        """{"k4":{"bin_means":[1],"blocks":[{"start_ms":0,"counts":{"0":2}}]}}""",
        "policies: 'k4' is none of exact_live_vs_reference, exact_reference_vs_live, k1, k2, k3")]
    [InlineData("""{"k3":null}""", "policies.k3 is null")]
    public void Policies_that_cannot_be_are_refused_and_named(string json, string named) =>
        Assert.Contains(named, Refusal(document => document["policies"] = JsonNode.Parse(json)), StringComparison.Ordinal);

    public void Dispose() => _directory.Delete(recursive: true);

    private static void Same(ValueBaseline expected, ValueBaseline actual)
    {
        Assert.Equal(expected.BinMeans.AsSpan(), actual.BinMeans.AsSpan());
        Assert.Equal(expected.Blocks.Length, actual.Blocks.Length);
        Assert.All(expected.Blocks.Zip(actual.Blocks), pair =>
        {
            Assert.Equal(pair.First.StartMs, pair.Second.StartMs);
            Assert.Equal(pair.First.Counts.AsSpan(), pair.Second.Counts.AsSpan());
        });
    }

    private string Refusal(Action<JsonObject> change)
    {
        ReferenceFile.Write(SmallSnapshot.WithBaselines(1), File1);
        var document = JsonNode.Parse(File.ReadAllText(File1))!.AsObject();
        change(document);
        File.WriteAllText(File1, document.ToJsonString());
        return Refused();
    }

    private string Refused()
    {
        var problem = Assert.Throws<InvalidReferenceException>(() => ReferenceFile.Read(File1)).Message;
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{File1}: "), problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
        Assert.DoesNotContain("(Parameter", problem, StringComparison.Ordinal);
        return problem[File1.Length..];
    }
}
