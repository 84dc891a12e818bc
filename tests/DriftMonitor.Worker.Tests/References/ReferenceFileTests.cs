using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using DriftMonitor.Display;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.References;

public sealed class ReferenceFileTests : IDisposable
{
    private static readonly Gen<string> Name = Gen.Int[1, 0x10FFFF]
        .Where(Rune.IsValid).Array[1, 6]
        .Select(runes => string.Concat(runes.Select(rune => new Rune(rune))));

    /// <summary>Names of models and segments hold nothing that is unsafe to show, those of classes anything.</summary>
    private static readonly Gen<string> Label = Name.Where(name => !name.Any(DisplayText.IsUnsafe));

    private static readonly Gen<ReferenceSnapshot> Snapshots =
        from model in Label
        from names in Name.Array[1, 5].Select(
            names => names.Where(name => name != ClassSpace.Other).Append("a").Distinct(StringComparer.Ordinal).ToArray())
        from segments in Label.Where(name => name != SeriesKey.All).Array[0, 3]
        from events in Gen.Select(Gen.Long[-1_000_000, 10_000_000], Gen.Double[0, 1], Gen.Int[-1, segments.Length - 1]).Array[1, 40]
        from version in Gen.Int[1, int.MaxValue]
        from created in Gen.Long[946_684_800_000, 4_000_000_000_000]
        select Build(model, names, segments, events, version, created);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");

    private string File1 => Path.Combine(_directory.FullName, "m.json");

    [Fact]
    public void What_is_written_is_read_again() => Snapshots.Sample(
        snapshot =>
        {
            ReferenceFile.Write(snapshot, File1);
            var read = ReferenceFile.Read(File1);

            Assert.True(ReferenceFile.IsSnapshot(File1));
            Assert.Equal([File1], Directory.GetFiles(_directory.FullName)); // nothing is left beside it
            Assert.Equal(
                (snapshot.Id, snapshot.Version, snapshot.CreatedAt, snapshot.Model), (read.Id, read.Version, read.CreatedAt, read.Model));
            Assert.Equal(snapshot.ClassSpace.Names, read.ClassSpace.Names);
            Assert.Equal(snapshot.Segments.Keys.Order(StringComparer.Ordinal), read.Segments.Keys.Order(StringComparer.Ordinal));
            Assert.All(snapshot.Segments, segment => Assert.True(segment.Value.Sums.SameAs(read.Segments[segment.Key].Sums)));
            Assert.Equal(snapshot.Blocks.Length, read.Blocks.Length);
            Assert.All(snapshot.Blocks.Zip(read.Blocks), pair =>
            {
                Assert.Equal((pair.First.StartMs, pair.First.Events), (pair.Second.StartMs, pair.Second.Events));
                Assert.Equal(pair.First.Mass.AsSpan(), pair.Second.Mass.AsSpan());
            });
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void A_file_that_an_editor_laid_out_anew_is_the_same_snapshot()
    {
        ReferenceFile.Write(SmallSnapshot.Of(), File1);
        File.WriteAllText(File1, JsonNode.Parse(File.ReadAllText(File1))!.ToJsonString(new() { WriteIndented = true }) + "\n");
        Assert.Equal(SmallSnapshot.Of().Id, ReferenceFile.Read(File1).Id);
        Assert.True(ReferenceFile.IsSnapshot(File1));
    }

    [Theory]
    [InlineData("model", "\"n\"")]
    [InlineData("classes", """["b","a"]""")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[3221225472,5368709120,0],"squares":[1342177280,3489660929,0]}}""")]
    [InlineData("blocks", """[{"start_ms":10000,"events":2,"mass":[3221225472,5368709120,0]}]""")]
    [InlineData("id", "\"0123456789abcdef\"")]
    public void A_part_changed_by_hand_is_noticed(string part, string json)
    {
        var problem = Refusal(document => document[part] = JsonNode.Parse(json));
        Assert.Contains("the file was changed after it was made", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format", "\"driftmonitor-reference/2\"", "driftmonitor-reference/2")]
    [InlineData("format", "1", "format")]
    [InlineData("id", "null", "null")]
    [InlineData("model", "null", "null")]
    [InlineData("model", "\"a\\u202eb\"", "changes the text direction")]
    [InlineData("model", "\"a\\nb\"", "a control character")]
    [InlineData("model", "\"\"", "empty")]
    [InlineData("version", "0", "version 0")]
    [InlineData("version", "1e99", "version")]
    [InlineData("version", "\"1\"", "version")]
    [InlineData("created_at", "\"yesterday\"", "created_at")]
    [InlineData("created_at", "\"1999-12-31T23:59:59Z\"", "before the year 2000")]
    [InlineData("created_at", "\"0001-01-01T00:00:00Z\"", "before the year 2000")]
    [InlineData("classes", "[]", "1 to 200000 classes")]
    [InlineData("classes", """["a","a"]""", "appears twice")]
    [InlineData("classes", """["a",null]""", "class name ''")]
    [InlineData("classes", """["a"]""", "classes: 'a' is the only one")]
    [InlineData("classes", """["a","b","c"]""", "3 cells, the class space 4")]
    [InlineData("classes", "{}", "classes")]
    [InlineData("segments", "{}", "no events in segment _all")]
    [InlineData("segments", """{"_all":null}""", "segment _all is null")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[1,2,3]}}""", "squares")]
    [InlineData("segments", """{"_all":{"events":2,"mass":null,"squares":[1,2,3]}}""", "null")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[1,2],"squares":[1,2,3]}}""", "2 masses and 3 squares")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[1,2],"squares":[1,2]}}""", "2 cells, the class space 3")]
    [InlineData("segments", """{"_all":{"events":-2,"mass":[1,2,3],"squares":[1,2,3]}}""", "-2 events")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[-1,2,3],"squares":[1,2,3]}}""", "mass")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[1.5,2,3],"squares":[1,2,3]}}""", "mass")]
    [InlineData("segments", """{"_all":{"events":2,"mass":[18446744073709551616,2,3],"squares":[1,2,3]}}""", "mass")]
    [InlineData(
        "segments", """{"_all":{"events":9223372036854775807,"mass":[1,2,3],"squares":[1,2,3]}}""",
        "do not hold the 9223372036854775807 events")]
    [InlineData("blocks", "[null]", "a block is null")]
    [InlineData("blocks", "[]", "do not hold the 2 events")]
    [InlineData("blocks", """[{"start_ms":0,"events":2,"mass":[]}]""", "blocks")]
    [InlineData("blocks", """[{"start_ms":0,"events":2}]""", "mass")]
    [InlineData("blocks", """[{"start_ms":1e300,"events":2,"mass":[1,2,3]}]""", "start_ms")]
    [InlineData("colour", "\"red\"", "colour")]
    public void A_part_that_cannot_be_is_refused_and_named(string part, string json, string named) =>
        Assert.Contains(named, Refusal(document => document[part] = JsonNode.Parse(json)), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_snapshot_of_another_version_is_told_as_such_whatever_its_parts() =>
        Assert.Contains(
            "driftmonitor-reference/2",
            Refusal(document => (document["format"], document["bins"], document["blocks"]) = ("driftmonitor-reference/2", 7, null)),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("format")]
    [InlineData("id")]
    [InlineData("model")]
    [InlineData("version")]
    [InlineData("created_at")]
    [InlineData("classes")]
    [InlineData("segments")]
    [InlineData("blocks")]
    public void A_part_that_is_missing_is_named(string part) =>
        Assert.Contains(part, Refusal(document => document.Remove(part)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("not json")]
    [InlineData("""{"model":"m","probs":[0.5,0.5]}""")]
    public void What_is_no_snapshot_at_all_is_refused(string text)
    {
        File.WriteAllText(File1, text);
        Refused();
    }

    [Fact]
    public void Half_a_file_is_refused_and_so_is_any_with_bytes_that_are_not_its_own()
    {
        ReferenceFile.Write(SmallSnapshot.Of(model: "größe", segment: "s"), File1);
        var whole = File.ReadAllBytes(File1);
        for (var length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(File1, whole[..length]);
            Refused();
        }

        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 3].Sample(
            changes =>
            {
                var bytes = whole.ToList();
                foreach (var (at, value, kind) in changes)
                {
                    switch (kind)
                    {
                        case 0: bytes.Insert(Math.Min(at, bytes.Count), value); break;
                        case 1: bytes.RemoveAt(Math.Min(at, bytes.Count - 1)); break;
                        default: bytes[Math.Min(at, bytes.Count - 1)] = value; break;
                    }
                }

                File.WriteAllBytes(File1, [.. bytes]);
                try
                {
                    ReferenceFile.Read(File1); // a version, a time or a blank may have become another
                }
                catch (InvalidReferenceException problem)
                {
                    Assert.StartsWith(File1, problem.Message, StringComparison.Ordinal);
                }
            },
            iter: 400,
            threads: 1);
    }

    [Fact]
    public void A_directory_and_a_missing_file_are_told_as_any_other_fault()
    {
        Assert.Throws<InvalidReferenceException>(() => ReferenceFile.Read(_directory.FullName));
        Refused();
    }

    [Fact]
    public void An_unreadable_file_is_told_as_any_other_fault()
    {
        ReferenceFile.Write(SmallSnapshot.Of(), File1);
        // root may read whatever its mode says
        using var locked = new FileStream(File1, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Refused();
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("{}", false)]
    [InlineData("""{"format":"driftmonitor-reference/9"}""", true)] // of another version, which Read names
    public void A_snapshot_is_known_by_its_beginning(string text, bool isSnapshot)
    {
        File.WriteAllText(File1, text);
        Assert.Equal(isSnapshot, ReferenceFile.IsSnapshot(File1));
        Assert.False(ReferenceFile.IsSnapshot(RepositoryFiles.Digits("reference.jsonl")));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static ReferenceSnapshot Build(
        string model, string[] classes, string[] segments, (long TimeMs, double Share, int Segment)[] events, int version, long createdMs)
    {
        var watched = new WatchedModels(1, 10, acceptUnknown: true).Add(model);
        var space = new ModelClasses(ClassSpace.Create(classes), ModelClasses.Configured);
        var builder = new ReferenceBuilder(model, space.Space);
        foreach (var (timeMs, share, segment) in events)
        {
            var record = new PredictionRecord { RecordTimeMs = timeMs };
            var cells = record.Begin(watched, space);
            cells[0] = share;
            cells[^1] += 1 - share;
            record.Segment = segment < 0 ? null : watched.Segment(segments[segment]);
            builder.Add(record);
        }

        return builder.Build(version, DateTimeOffset.FromUnixTimeMilliseconds(createdMs));
    }

    private string Refusal(Action<JsonObject> change)
    {
        ReferenceFile.Write(SmallSnapshot.Of(), File1);
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
