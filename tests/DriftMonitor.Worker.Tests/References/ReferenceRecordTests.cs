using System.Text;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.References;

public sealed class ReferenceRecordTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_record_reads_back_with_its_file_bit_for_bit()
    {
        var snapshot = SmallSnapshot.Of("a/b ü", 12);
        using var file = new MemoryStream();
        ReferenceFile.Write(snapshot, file);
        var record = ReferenceRecord.Create(snapshot, file.ToArray()) with { Pushed = new("Ann", 3), Undone = new("", 5) };

        var read = Read(record);

        Assert.Equal(("a/b ü/12", "a/b ü", 12), (read.Key, read.Model, read.Version));
        Assert.Equal((new("Ann", 3), new("", 5)), (read.Pushed, read.Undone));
        var again = read.Parse("here", Now);
        using var written = new MemoryStream();
        ReferenceFile.Write(again, written);
        Assert.Equal(file.ToArray(), written.ToArray());
        Assert.True(ReferenceRecord.Read(record.ToMessage().Key, [], isNull: true).IsDeleted);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("/1")]
    [InlineData("m/")]
    [InlineData("m/x")]
    [InlineData("m/-1")]
    [InlineData("m/99999999999")]
    public void A_key_that_is_no_model_and_version_is_a_problem(string key)
    {
        var read = ReferenceRecord.Read(Encoding.UTF8.GetBytes(key), [8, 1], isNull: false);

        Assert.Equal(("", $"its key '{key}' is not MODEL/VERSION"), (read.Model, read.Problem));
    }

    [Theory]
    [InlineData("it is no record of a reference", new byte[] { 8 })]
    [InlineData("its format is 2, not 1", new byte[] { 8, 2 })]
    [InlineData("its format is 0, not 1", new byte[] { })]
    [InlineData("does not contain any JSON", new byte[] { 8, 1 })]
    [InlineData("here: ", new byte[] { 8, 1, 18, 2, 1, 2 })]
    public void A_value_that_is_no_snapshot_is_told_with_its_place(string why, byte[] value)
    {
        var read = ReferenceRecord.Read("m/1"u8, value, isNull: false);

        var problem = Assert.Throws<InvalidReferenceException>(() => read.Parse("here", Now));
        Assert.StartsWith("here: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_that_is_dated_more_than_a_day_ahead_is_refused()
    {
        var snapshot = SmallSnapshot.Of();
        using var file = new MemoryStream();
        ReferenceFile.Write(snapshot, file);
        var record = ReferenceRecord.Create(snapshot, file.ToArray());

        Assert.Equal(snapshot.Id, record.Parse("here", Now.AddDays(-2)).Id);
        Assert.Contains(
            "lies more than a day ahead",
            Assert.Throws<InvalidReferenceException>(() => record.Parse("here", Now.AddDays(-3))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_into_a_record_is_told_with_its_size()
    {
        var content = new byte[9 << 20];
        new Random(1).NextBytes(content);
        var snapshot = SmallSnapshot.Of();

        Assert.Null(ReferenceRecord.Create(snapshot, content[..(7 << 20)]).TooLarge);
        Assert.StartsWith(
            "it has 9.00 MiB compressed, and may have 7.98 in the topic", ReferenceRecord.Create(snapshot, content).TooLarge,
            StringComparison.Ordinal);
    }

    private static ReferenceRecord Read(ReferenceRecord record)
    {
        var message = record.ToMessage();
        return ReferenceRecord.Read(message.Key, message.Value, isNull: false);
    }
}
