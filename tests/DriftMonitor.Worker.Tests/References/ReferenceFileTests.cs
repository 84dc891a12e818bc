using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.References;

public sealed class ReferenceFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public void What_is_written_is_read_again()
    {
        var snapshot = ReferenceFromPredictions.Build(
            RepositoryFiles.Digits("reference.jsonl"), null, null, 3, DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_123)).Snapshots.Single();
        ReferenceFile.Write(snapshot, Path1);

        Assert.True(ReferenceFile.IsSnapshot(Path1));
        Assert.False(ReferenceFile.IsSnapshot(RepositoryFiles.Digits("reference.jsonl")));
        var read = ReferenceFile.Read(Path1);
        Assert.Equal((snapshot.Id, snapshot.Version, snapshot.CreatedAt, snapshot.Model), (read.Id, read.Version, read.CreatedAt, read.Model));
        Assert.Equal(snapshot.ClassSpace, read.ClassSpace);
        Assert.True(snapshot.All.Sums.SameAs(read.All.Sums));
        Assert.Equal(snapshot.Blocks.Select(b => (b.StartMs, b.Events)), read.Blocks.Select(b => (b.StartMs, b.Events)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format":"driftmonitor-reference/2"}""")]
    [InlineData("""{"format":"driftmonitor-reference/1","id":"x","model":null,"version":1,"created_at":"2026-01-01T00:00:00Z","classes":["a"],"segments":{},"blocks":[]}""")]
    [InlineData("""{"format":"driftmonitor-reference/1","id":"x","model":"m","version":1,"created_at":"2026-01-01T00:00:00Z","classes":["a","a"],"segments":{},"blocks":[]}""")]
    [InlineData("""{"format":"driftmonitor-reference/1","id":"x","model":"m","version":0,"created_at":"2026-01-01T00:00:00Z","classes":["a"],"segments":{"_all":{"events":1,"mass":[1,0],"squares":[1,0]}},"blocks":[]}""")]
    [InlineData("""{"format":"driftmonitor-reference/1","id":"x","model":"m","version":1,"created_at":"2026-01-01T00:00:00Z","classes":["a"],"segments":{"_all":null},"blocks":[]}""")]
    [InlineData("""{"format":"driftmonitor-reference/1","id":"x","model":"m","version":1,"created_at":"2026-01-01T00:00:00Z","classes":["a"],"segments":{"_all":{"events":-1,"mass":[1],"squares":[1]}},"blocks":[null]}""")]
    [InlineData("""{"format":"driftmonitor-reference/1","id":"x","model":"m","version":1,"created_at":"2026-01-01T00:00:00Z","classes":["a"],"segments":{"_all":{"events":9223372036854775807,"mass":[-1],"squares":[1e400]}},"blocks":[]}""")]
    public void What_is_no_snapshot_is_refused_with_the_files_name(string text)
    {
        File.WriteAllText(Path1, text);
        var problem = Assert.Throws<InvalidReferenceException>(() => ReferenceFile.Read(Path1));
        Assert.StartsWith(Path1, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public void A_number_changed_by_hand_is_noticed()
    {
        ReferenceFile.Write(ReferenceFromPredictions.Build(RepositoryFiles.Digits("reference.jsonl"), null, null, 1, DateTimeOffset.UnixEpoch).Snapshots.Single(), Path1);
        var text = File.ReadAllText(Path1);
        var mass = text.IndexOf("\"mass\":[", StringComparison.Ordinal) + "\"mass\":[".Length;
        File.WriteAllText(Path1, string.Concat(text.AsSpan(0, mass), "1", text.AsSpan(mass)));
        Assert.Throws<InvalidReferenceException>(() => ReferenceFile.Read(Path1));
    }

    [Fact]
    public void A_missing_file_is_told_as_any_other_fault() =>
        Assert.Throws<InvalidReferenceException>(() => ReferenceFile.Read(Path.Combine(_directory.FullName, "no.json")));

    public void Dispose() => _directory.Delete(recursive: true);

    private string Path1 => Path.Combine(_directory.FullName, "digits.json");
}
