using System.Globalization;
using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Wire;
using RocksDbSharp;

namespace DriftMonitor.Worker.Tests.Join;

public sealed class RocksDbFeedbackStoreTests : IDisposable
{
    private const long BucketMs = 50;

    private static readonly FeedbackPlan Plan = Of(100);
    private static readonly ModelClasses Classes = new(ClassSpace.Create(["a", "b", "c"]), 1);
    private static readonly ModelClasses FourClasses = new(ClassSpace.Create(["d", "a", "b", "c"]), 1);
    private static readonly ModelClasses IndependentClasses = new(ClassSpace.CreateIndependent(["a", "b"]), 1);
    private static readonly WatchedModel Model = new WatchedModels(10, 10, acceptUnknown: true).Add("m");

    private static readonly LabelTruths[] Truths =
    [
        new(["a", "b"], [0.1, 0.9], 1), new(["a", "b"], [0.1, 0.9005], 1.0005), new(["a", "b"], [1, 0.2]), new([], [1, 0]), new([], []),
    ];

    private static readonly FlushOptions Flush = new FlushOptions().SetWaitForFlush(true);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly Cache _cache = Cache.CreateLru(1 << 20);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public void A_join_that_dies_again_and_again_ends_with_the_sums_of_one_in_memory(int seed, bool independent = false)
    {
        var random = new Random(seed);
        var times = Enumerable.Range(0, 600).Select(i => (long)(i + random.Next(40))).ToArray();
        var ids = Enumerable.Range(0, 600).Select(_ => random.Next(150)).ToArray();
        var memory = new MemoryFeedbackStore(BucketMs);
        var undisturbed = new FeedbackJoin(Plan, memory);
        for (var i = 0; i < times.Length; i++)
        {
            undisturbed.Add(Prediction(i, ids[i], times[i], independent));
        }

        for (var i = 0; i < times.Length; i++)
        {
            undisturbed.Add(Label(i, ids[^(i + 1)], times[i], independent), times[i]);
        }

        undisturbed.Commit();

        var store = Open(Plan);
        var join = new FeedbackJoin(Plan, store);
        while (join.Position is var at && (at.PredictionsNext < times.Length || at.FeedbackNext < times.Length))
        {
            if (at.PredictionsNext < times.Length && (at.FeedbackNext == times.Length || random.Next(2) == 0))
            {
                var next = (int)Math.Max(0, at.PredictionsNext);
                join.Add(Prediction(next, ids[next], times[next], independent));
            }
            else
            {
                var next = (int)Math.Max(0, at.FeedbackNext);
                join.Add(Label(next, ids[^(next + 1)], times[next], independent), times[next]);
            }

            if (random.Next(15) == 0)
            {
                join.Commit();
            }

            if (random.Next(100) == 0)
            {
                store.Dispose(); // what was not committed is lost, and read again
                store = Open(Plan);
                join = new FeedbackJoin(Plan, store);
            }
        }

        join.Commit();
        Assert.Equal(Texts(memory), Texts(store));
        Assert.Equal(memory.Forget(long.MaxValue), store.Forget(long.MaxValue)); // labels that wait
        store.Dispose();
    }

    [Fact]
    public void Buckets_are_dropped_whole_and_stay_dropped()
    {
        var store = Open(Plan);
        var join = new FeedbackJoin(Plan, store);
        join.Add(Prediction(0, 1, 10));
        join.Add(Label(0, 2, 20), 20);
        join.Add(Prediction(1, 3, 60));
        join.Commit();
        Assert.Equal(1, store.Forget(50));
        join.Commit();
        store.Dispose();

        store = Open(Plan);
        Assert.Null(store.Find(new JoinKey("m", "1")).Prediction);
        Assert.Empty(store.Find(new JoinKey("m", "2")).Labels);
        Assert.NotNull(store.Find(new JoinKey("m", "3")).Prediction);
        Assert.Equal(new FeedbackPosition(2, 1, 60, 20) { PredictionsStampMs = 60, LabelsStampMs = 20 }, store.Position);
        store.Dispose();
    }

    [Fact]
    public void What_is_uncommitted_in_a_bucket_that_expires_goes_with_it()
    {
        var store = Open(Plan);
        var join = new FeedbackJoin(Plan, store);
        join.Add(Label(0, 1, 40), 40); // waits in the bucket of 0
        join.Add(Label(1, 2, 45), 45);
        join.Commit();
        join.Add(Prediction(0, 1, 60)); // moves to the bucket of 50
        Assert.Equal(1, store.Forget(50));
        join.Add(Label(2, 3, 41), 41); // for a bucket that has expired already
        join.Commit();
        Assert.Equal(1, store.Forget(50));
        join.Commit();
        store.Dispose();

        store = Open(Plan);
        Assert.Single(store.Find(new JoinKey("m", "1")).Labels);
        Assert.Empty(store.Find(new JoinKey("m", "2")).Labels);
        Assert.Empty(store.Find(new JoinKey("m", "3")).Labels);
        Assert.Equal(0, store.Forget(50));
        store.Dispose();
    }

    [Fact]
    public void Hundreds_of_expired_buckets_leave_no_handle_no_file_and_no_memory()
    {
        const int live = 8;
        using var store = Open(Plan);
        var join = new FeedbackJoin(Plan, store);
        (int Handles, int Tables, int Families, long Memory) after100 = default;
        for (var bucket = 0; bucket < 200; bucket++)
        {
            for (var i = 0; i < 20; i++)
            {
                join.Add(Prediction((20 * bucket) + i, (20 * bucket) + i, (bucket * BucketMs) + i));
                join.Add(Label((20 * bucket) + i, (20 * bucket) + i - 20, (bucket * BucketMs) + i), (bucket * BucketMs) + i);
            }

            join.Commit();
            // a file for each bucket
            Families(store).ForEach(family => Native.Instance.rocksdb_flush_cf(store.Database().Handle, Flush.Handle, family.Handle));
            store.Forget((bucket - live) * BucketMs);
            store.ForgetPanes(20, (bucket - live) * BucketMs);
            join.Commit();
            if (bucket is 100)
            {
                after100 = Used(store);
            }
        }

        var used = Used(store);
        Assert.InRange(used.Families, live, live + 2);
        Assert.InRange(used.Tables, live, 2 * (live + 4)); // and what the default family has not compacted yet
        Assert.InRange(used.Handles, 0, after100.Handles + 8);
        Assert.InRange(used.Memory, 0, after100.Memory + (256 << 10));
    }

    [Fact]
    public void Another_plan_begins_anew()
    {
        var store = Open(Plan);
        new FeedbackJoin(Plan, store).Commit();
        store.Commit(new FeedbackPosition(5, 5, 0, 0));
        store.Dispose();

        store = Open(Of(200));
        Assert.Equal(FeedbackPosition.Start with { ReadBefore = 10 }, store.Position); // what follows says more than what was said before
        store.Dispose();
    }

    [Theory]
    [InlineData(1e-7)]
    [InlineData(1e-3)]
    [InlineData(0.3)]
    [InlineData(0.999999)]
    public void Single_precision_costs_a_loss_less_than_its_stated_bound(double scale)
    {
        var random = new Random(1);
        for (var trial = 0; trial < 1_000; trial++)
        {
            var p = scale * (1 - (0.5 * random.NextDouble()));
            Assert.InRange(Math.Abs(Math.Log(StoredEntries.Rounded([p])[0]) - Math.Log(p)), 0, 6e-8);
        }
    }

    [Fact]
    public void Entries_come_back_as_they_were()
    {
        var space = ClassSpace.Indexed(1_000);
        var sparse = new double[space.CellCount];
        (sparse[7], sparse[998]) = (0.25, 0.75);
        var labels = new FeedbackLabel(4, 5, null, null, new LabelTruths(["a", "b"], [0.1, 0.9], 1));
        var entry = new JoinEntry(
            new JoinedPrediction(1, 2, ["s", "version=2"], space, sparse),
            [new FeedbackLabel(3, 4, "x", null), labels, new FeedbackLabel(5, 6, null, 0)]);

        var bytes = StoredEntries.Encode(entry, _ => 1);
        var back = StoredEntries.Decode(bytes, [space]);

        Assert.InRange(bytes.Length, 1, 120); // not a thousand cells
        Assert.Equal(sparse, back.Prediction!.Probabilities);
        Assert.Equal((1, 2), (back.Prediction.Offset, back.Prediction.TimeMs));
        Assert.Equal(["s", "version=2"], back.Prediction.Segments);
        Assert.Equal(
            entry.Labels.Select(label => (label.Offset, label.TimeMs, label.Class, label.Index)),
            back.Labels.Select(label => (label.Offset, label.TimeMs, label.Class, label.Index)));
        Assert.True(back.Labels[1].AgreesWith(labels));
    }

    /// <summary>To the bit: what is taken back is what was added, also of values that a division would change.</summary>
    [Fact]
    public void Truths_come_back_as_they_were()
    {
        foreach (var truths in Truths)
        {
            var entry = new JoinEntry(null, [new FeedbackLabel(3, 4, null, null, truths)]);
            var back = StoredEntries.Decode(StoredEntries.Encode(entry, _ => 1), []).Labels.Single();
            Assert.Equal((null, null), (back.Class, back.Index));
            Assert.Equal(truths.Names, back.Truths!.Names);
            Assert.Equal(truths.Values, back.Truths.Values);
            Assert.Equal(truths.Sum, back.Truths.Sum);
        }
    }

    /// <summary>
    /// As labels were written before classes could hold by themselves: names and shares that had been divided by their sum; no truths.
    /// </summary>
    [Fact]
    public void Distributions_of_older_versions_are_read_and_older_versions_read_ours()
    {
        const string shares = "3210" + "000000000000D03F" + "000000000000E83F"; // field 6: 0.25 and 0.75
        const string label = "0803" + "1004" + "2A0161" + "2A0162" + shares;
        var truths = StoredEntries.Decode(Convert.FromHexString("3A1C" + label), []).Labels.Single().Truths!;
        Assert.Equal(["a", "b"], truths.Names);
        Assert.Equal([0.25, 0.75], truths.Values);
        Assert.Equal(1, truths.Sum);

        string Written(LabelTruths truths) => Convert.ToHexString(
            StoredEntries.Encode(new JoinEntry(null, [new FeedbackLabel(3, 4, null, null, truths)]), _ => 1));
        Assert.Equal("3A1C" + label, Written(truths));
        Assert.Contains(shares, Written(new LabelTruths(["a", "b"], [0.125, 0.375], 0.5)), StringComparison.Ordinal);
        Assert.DoesNotContain("3210", Written(new LabelTruths(["a", "b"], [0.25, 0.75])), StringComparison.Ordinal);
    }

    /// <summary>As they were written before there were versions: the third field of StoredEntry was a single string.</summary>
    [Theory]
    [InlineData("08011002" + "1A0173" + "2001" + "2A080000803E0000403F", "s")]
    [InlineData("08011002" + "2001" + "2A080000803E0000403F")]
    public void Entries_without_versions_are_read(string bytes, params string[] segments)
    {
        var back = StoredEntries.Decode(Convert.FromHexString(bytes), [ClassSpace.Indexed(2)]).Prediction!;
        Assert.Equal((1, 2), (back.Offset, back.TimeMs));
        Assert.Equal(segments, back.Segments);
        Assert.Equal([0.25, 0.75, 0], back.Probabilities);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>
    /// One that cannot keep up never finds both logs' ends: a family for each bucket that it has read of would slow it down further.
    /// </summary>
    [Fact]
    public void A_lane_that_is_behind_expires_buckets_too()
    {
        using var lane = new FeedbackLane(new TopicPartition("feedback", 0));
        var store = Open(Plan);
        lane.Begin(store, new FeedbackJoin(Plan, store), newLabels: false);
        for (var i = 0; i < 100; i++)
        {
            var timeMs = i * BucketMs;
            lane.Join.Add(Prediction(i, i, timeMs));
            lane.Join.Add(Label(i, i, timeMs), timeMs);
            lane.Commit(timeMs);
        }

        Assert.False(lane.IsRebuilt);
        Assert.InRange(Families(store).Count, 1, 60); // not a hundred: horizon, lateness and slack are two seconds
    }

    private static FeedbackPlan Of(int horizonMs)
    {
        Assert.True(WindowSpec.TryParse("60ms/20ms", out var window, out _));
        return new FeedbackPlan(
            WindowPlan.Create([window], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.Zero),
            TimeSpan.FromMilliseconds(horizonMs));
    }

    /// <summary>
    /// What the store holds: handles of this process in its directory, tables there, column families, and bytes by RocksDB's own account.
    /// </summary>
    private (int Handles, int Tables, int Families, long Memory) Used(RocksDbFeedbackStore store)
    {
        var handles = OperatingSystem.IsLinux()
            ? new DirectoryInfo("/proc/self/fd")
                .EnumerateFiles()
                .Count(handle => handle.LinkTarget?.StartsWith(_directory.FullName, StringComparison.Ordinal) == true)
            : 0;
        var families = Families(store);
        var memory = families.Sum(
            family => Bytes("rocksdb.cur-size-all-mem-tables", family) + Bytes("rocksdb.estimate-table-readers-mem", family));
        return (handles, _directory.GetFiles("*.sst", SearchOption.AllDirectories).Length, families.Count, memory);

        long Bytes(string property, ColumnFamilyHandle family) =>
            long.Parse(store.Database().GetProperty(property, family), CultureInfo.InvariantCulture);
    }

    private List<ColumnFamilyHandle> Families(RocksDbFeedbackStore store)
    {
        Assert.True(RocksDb.TryListColumnFamilies(new DbOptions(), Path.Combine(_directory.FullName, "db"), out var names));
        return [.. names.Select(store.Database().GetColumnFamily)];
    }

    private RocksDbFeedbackStore Open(FeedbackPlan plan) =>
        RocksDbFeedbackStore.Open(Path.Combine(_directory.FullName, "db"), plan, "", BucketMs, _cache, 1 << 20);

    private static SortedDictionary<string, string> Texts(IFeedbackStore store) => new(
        store.Panes().ToDictionary(key => key.ToString(), key => SumsCodec.Encode(store.Pane(key)).ToString()),
        StringComparer.Ordinal);

    private static PredictionRecord Prediction(int offset, int id, long timeMs, bool independent = false)
    {
        var record = new PredictionRecord { Offset = offset, RecordTimeMs = timeMs };
        var (classes, probabilities) = independent ? (IndependentClasses, (double[])[0.25, 0.25, 0.375, 0.125, 0])
            : offset % 2 == 0 ? (Classes, [0.5, 0.25, 0.25, 0])
            : (FourClasses, [0.125, 0.5, 0.25, 0.125, 0]); // exact in single precision too
        probabilities.CopyTo(record.Begin(Model, classes));
        record.Id = id.ToString(CultureInfo.InvariantCulture);
        return record;
    }

    private static FeedbackRecord Label(int offset, int id, long timeMs, bool independent = false) => new FeedbackRecord(
        RejectionReason.None, "m", id.ToString(CultureInfo.InvariantCulture),
        (independent ? offset % 7 : offset % 2) switch
        {
            _ when !independent && offset % 5 == 0 => new FeedbackLabel(0, 0, "d", null),
            0 => new FeedbackLabel(0, 0, "a", null),
            1 => new FeedbackLabel(0, 0, "b", null),
            _ => new FeedbackLabel(0, 0, null, null, Truths[(offset % 7) - 2]),
        },
        null, null).At(offset, timeMs);
}
