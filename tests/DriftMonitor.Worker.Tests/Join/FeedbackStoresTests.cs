using System.Text;
using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Join;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RocksDbSharp;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>Directories that hold no readable store, as a disk may leave them.</summary>
public sealed class FeedbackStoresTests : IDisposable
{
    private static readonly FeedbackPosition Somewhere = new(7, 8, 9, 10);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly LogLines _log = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_767_225_600));
    private readonly FeedbackStores _stores;

    public FeedbackStoresTests()
    {
        Assert.True(WindowSpec.TryParse("1m/1m", out var window, out _));
        var plan = new FeedbackPlan(
            WindowPlan.Create([window], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.Zero), TimeSpan.FromSeconds(10));
        var settings = new FeedbackSettings(new SourceSettings { Topic = "labels" }, plan, true, _directory.FullName, 1 << 20, 1 << 20);
        var cache = Cache.CreateLru(1 << 20);
        _stores = new FeedbackStores(
            settings,
            directory => RocksDbFeedbackStore.Open(directory, plan, "", settings.BucketMs, cache, settings.WriteBufferBytes),
            _time,
            LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<FeedbackStores>());
    }

    private string Store => Path.Combine(_directory.FullName, "labels-3");

    [Theory]
    [InlineData("CURRENT")]
    [InlineData("MANIFEST-*")]
    [InlineData("*.sst")]
    [InlineData("")]
    public void What_cannot_be_read_is_set_aside_once_and_an_empty_store_takes_its_place(string damaged)
    {
        for (var time = 0; time < 2; time++)
        {
            using (var store = (RocksDbFeedbackStore)_stores.Open(new Partition(3), null))
            {
                Assert.Equal(FeedbackPosition.Start, store.Position);
                store.Commit(Somewhere);
                Native.Instance.rocksdb_flush_cf(
                    store.Database().Handle, new FlushOptions().SetWaitForFlush(true).Handle,
                    store.Database().GetDefaultColumnFamily().Handle);
            }

            Damage(damaged);
            _time.Advance(TimeSpan.FromHours(1));
            using var anew = _stores.Open(new Partition(3), null);
            Assert.Equal(FeedbackPosition.Start, anew.Position);
            anew.Dispose();
            Directory.Delete(Store, recursive: true);
        }

        // the later of two
        Assert.Equal(["labels-3.broken-20260101T020000Z"], _directory.EnumerateFileSystemInfos().Select(entry => entry.Name));
        Assert.Equal(2, _log.All.Count);
        Assert.All(
            _log.All, line => Assert.StartsWith($"Error: the feedback store {Store} cannot be read (", line, StringComparison.Ordinal));
    }

    /// <summary>
    /// An iterator ends at a block that cannot be read as at the end: the store must not go on with fewer class spaces than it has used.
    /// </summary>
    [Fact]
    public void A_store_with_an_unreadable_class_space_is_set_aside()
    {
        var spaces = Enumerable.Range(0, 3)
            .Select(_ => ClassSpace.Create([.. Enumerable.Range(0, 150).Select(_ => Guid.NewGuid().ToString("N"))]))
            .ToArray();
        using (var store = (RocksDbFeedbackStore)_stores.Open(new Partition(3), null))
        {
            for (var i = 0; i < spaces.Length; i++)
            {
                var prediction = new JoinedPrediction(i, 1, [], spaces[i], new double[spaces[i].CellCount]);
                store.Put(new JoinKey("m", $"{i}"), JoinEntry.Empty, new JoinEntry(prediction, []));
            }

            store.Commit(Somewhere);
            Native.Instance.rocksdb_flush_cf(
                store.Database().Handle, new FlushOptions().SetWaitForFlush(true).Handle, store.Database().GetDefaultColumnFamily().Handle);
        }

        var name = Encoding.UTF8.GetBytes(spaces[1].Names[0]); // in a block of its own: each space has more than the 4 kB of one
        var (file, at) = Directory.GetFiles(Store, "*.sst")
            .Select(path => (Path: path, At: File.ReadAllBytes(path).AsSpan().IndexOf(name.AsSpan(0, 8))))
            .Single(found => found.At >= 0);
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);

        using var anew = _stores.Open(new Partition(3), null);
        Assert.Equal(FeedbackPosition.Start, anew.Position);
        Assert.Same(JoinEntry.Empty, anew.Find(new JoinKey("m", "2")));
        Assert.Single(_directory.GetDirectories("labels-3.broken-*"));
    }

    /// <summary>Bytes that are read, and are not what is written there.</summary>
    [Fact]
    public void An_entry_that_names_what_there_is_not_is_corrupt()
    {
        var space = ClassSpace.Create(["a", "b"]);
        var prediction = new JoinedPrediction(
            1, 2, [], ClassSpace.Indexed(100), [.. Enumerable.Range(0, 101).Select(cell => cell == 90 ? 1.0 : 0)]);
        var bytes = StoredEntries.Encode(new JoinEntry(prediction, []), _ => 1);
        foreach (var spaces in new ClassSpace[][] { [], [space] })
        {
            var problem = Assert.Throws<InvalidDataException>(() => StoredEntries.Decode(bytes, spaces));
            Assert.True(FeedbackStores.IsProblem(problem));
            Use(Somewhere);
            using var store = _stores.Open(new Partition(3), problem);
            Assert.Equal(FeedbackPosition.Start, store.Position);
        }
    }

    /// <summary>What the checksums let pass, for it was written so: by another program, say.</summary>
    [Theory]
    [InlineData("s\0\0\0\0\0\0\0\u0001", "\n\u0001a\n\u0001a", true)] // a class space of which two classes have one name
    [InlineData("w\0\0\0\0\0\0\0\u0001", "short", true)]
    [InlineData("p", "", false)] // of its panes only when they are looked for
    public void A_store_that_holds_what_is_not_written_there_is_corrupt(string key, string value, bool whenOpened)
    {
        using (var store = (RocksDbFeedbackStore)_stores.Open(new Partition(3), null))
        {
            store.Commit(Somewhere);
            store.Database().Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }

        using var anew = _stores.Open(new Partition(3), null);

        Assert.Equal(whenOpened ? 1 : 0, _directory.GetDirectories("labels-3.broken-*").Length);
        Assert.Equal(whenOpened ? null : typeof(InvalidDataException), Record.Exception(() => anew.Panes().ToList())?.GetType());
    }

    [Fact]
    public void What_turns_out_to_be_corrupt_when_it_is_read_is_set_aside()
    {
        Use(Somewhere);
        using var store = _stores.Open(new Partition(3), new IOException("Corruption: block checksum mismatch"));
        Assert.Equal(FeedbackPosition.Start, store.Position);
        Assert.Single(_directory.GetDirectories("labels-3.broken-*"));
    }

    [Fact]
    public void What_is_sound_stays_where_it_is_while_it_is_locked_and_after_the_disk_was_full()
    {
        Use(Somewhere);
        using (_stores.Open(new Partition(3), null))
        {
            Assert.True(FeedbackStores.IsProblem(Assert.ThrowsAny<Exception>(() => _stores.Open(new Partition(3), null))));
        }

        using var store = _stores.Open(new Partition(3), new IOException("No space left on device"));
        Assert.Equal(Somewhere, store.Position);
        Assert.Empty(_log.All);
    }

    [Fact]
    public void A_place_that_takes_nothing_is_a_problem_of_the_store()
    {
        _directory.Delete();
        File.WriteAllText(_directory.FullName, "no directory");
        Assert.True(FeedbackStores.IsProblem(Assert.ThrowsAny<Exception>(() => _stores.Open(new Partition(3), null))));
        File.Delete(_directory.FullName);
        _directory.Create();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private void Use(FeedbackPosition position)
    {
        using var store = _stores.Open(new Partition(3), null);
        store.Commit(position);
    }

    private void Damage(string files)
    {
        if (files.Length == 0)
        {
            Directory.Delete(Store, recursive: true);
            File.WriteAllText(Store, "a file in its place");
            return;
        }

        var found = Directory.GetFiles(Store, files);
        Assert.NotEmpty(found);
        Assert.All(found, file => File.WriteAllBytes(file, new byte[new FileInfo(file).Length]));
    }
}
