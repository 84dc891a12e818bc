using System.Globalization;
using System.Reactive.Concurrency;
using DriftMonitor.Display;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.References;

/// <summary>The directory is looked at every five seconds of virtual time.</summary>
public sealed class ReferenceDirectoryTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly HistoricalScheduler _scheduler = new();
    private readonly List<string> _logged = [];
    private readonly List<ReferenceSet> _sets = [];
    private readonly List<int> _refused = [];

    [Fact]
    public void What_is_there_is_in_use_before_the_subscription_returns()
    {
        Write("m.json", version: 1);
        using var following = Follow();
        Assert.Equal([1], Versions());
    }

    [Fact]
    public void An_empty_directory_gives_an_empty_set_at_once_and_other_files_are_not_looked_at()
    {
        File.WriteAllText(PathOf("README.md"), "x");
        File.WriteAllText(PathOf("m.json.unfinished"), "x");
        _directory.CreateSubdirectory("directory.json");
        using var following = Follow();
        Pass(2);
        Assert.Empty(Assert.Single(_sets).ByModel);
        Assert.Empty(_logged);
    }

    [Fact]
    public void The_highest_version_of_each_model_is_in_use_and_nothing_is_said_while_nothing_changes()
    {
        Write("a.json", version: 2);
        Write("b.json", version: 1);
        Write("other.json", version: 1, model: "other");
        using var following = Follow();
        Pass(3);
        Assert.Equal([2], Versions());

        Write("c.json", version: 3);
        Pass(2);
        Assert.Equal([2, 3], Versions());
        Assert.All(_sets, set => Assert.Equal(1, set.Of("other")!.Version));
    }

    /// <summary>
    /// Its date is what its classes' claim rests on: those of a snapshot made tomorrow go before all that are made today.
    /// </summary>
    [Theory]
    [InlineData("2026-01-02T00:00:00Z", 1)]
    [InlineData("2026-01-02T00:00:01Z", 0)]
    public void A_snapshot_dated_more_than_a_day_ahead_is_refused(string createdAt, int inUse)
    {
        var snapshot = SmallSnapshot.Of();
        ReferenceFile.Write(
            new ReferenceSnapshot(
                snapshot.Model, snapshot.Version, DateTimeOffset.Parse(createdAt, CultureInfo.InvariantCulture), snapshot.ClassSpace,
                snapshot.Segments.ToDictionary(segment => segment.Key, segment => segment.Value.Sums), snapshot.Blocks),
            PathOf("m.json"));
        using var following = Follow();
        Assert.Equal(inUse, _sets[^1].ByModel.Count);
        Assert.Equal(1 - inUse, Errors().Count(error => error.Contains("more than a day ahead", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_that_is_gone_is_no_longer_in_use()
    {
        Write("one.json", version: 1);
        Write("two.json", version: 2);
        using var following = Follow();

        File.Delete(PathOf("two.json"));
        Pass(1);
        Assert.Equal([2, 1], Versions());

        File.Delete(PathOf("one.json"));
        Pass(2);
        Assert.Equal(3, _sets.Count);
        Assert.Empty(_sets[^1].ByModel);
    }

    [Fact]
    public void Another_content_of_the_same_length_and_time_is_noticed()
    {
        Write("m.json", version: 1);
        var (written, length) = (File.GetLastWriteTimeUtc(PathOf("m.json")), new FileInfo(PathOf("m.json")).Length);
        using var following = Follow();

        Write("m.json", version: 2);
        File.SetLastWriteTimeUtc(PathOf("m.json"), written);
        Assert.Equal(length, new FileInfo(PathOf("m.json")).Length);
        Pass(1);

        Assert.Equal([1, 2], Versions());
    }

    [Fact]
    public void The_same_content_written_again_is_no_change()
    {
        Write("m.json", version: 1);
        using var following = Follow();
        Write("m.json", version: 1);
        File.SetLastWriteTimeUtc(PathOf("m.json"), DateTime.UnixEpoch);
        Pass(2);
        Assert.Equal([1], Versions());
    }

    [Fact]
    public void A_bad_file_is_refused_once_for_each_content_and_the_one_in_use_stays()
    {
        Write("m.json", version: 1);
        using var following = Follow();

        File.WriteAllText(PathOf("m.json"), "{");
        Pass(3);
        Assert.Contains(PathOf("m.json"), Assert.Single(Errors()), StringComparison.Ordinal);
        File.WriteAllText(PathOf("m.json"), "[");
        Pass(3);
        Assert.Equal(2, Errors().Length);
        Assert.Equal([1], Versions());

        Write("m.json", version: 3);
        Pass(1);
        Assert.Equal([1, 3], Versions());
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 0], _refused);
    }

    [Fact]
    public void A_bad_file_hides_none_of_the_others_and_changes_nothing_when_it_goes()
    {
        File.WriteAllText(PathOf("a.json"), "{}");
        Write("b.json", version: 1);
        using var following = Follow();
        Write("c.json", version: 2);
        Pass(1);
        File.Delete(PathOf("a.json"));
        Pass(1);
        Assert.Equal([1, 2], Versions());
        Assert.Single(Errors());
        Assert.Equal([1, 1, 0], _refused);
    }

    /// <summary>Nobody knows then whether a model has a reference: alarms that go on would end if it were said that none has.</summary>
    [Fact]
    public void A_set_is_complete_a_minute_after_all_could_be_read()
    {
        Write("m.json", version: 1);
        var away = _directory.FullName + "-away";
        Directory.Move(_directory.FullName, away);
        using var following = Follow();
        Pass(20);
        Assert.False(Assert.Single(_sets).IsComplete);
        Assert.Single(Errors());

        Directory.Move(away, _directory.FullName);
        Pass(12);
        Assert.Equal([(0, false), (1, false)], Sets());
        Pass(1);
        File.WriteAllText(PathOf("m.json"), "{"); // what was in use stays, and was all
        Pass(2);
        Write("other.json", version: 2, model: "other");
        Pass(2);
        Assert.Equal([(0, false), (1, false), (1, true), (2, true)], Sets());
    }

    [Fact]
    public void A_set_with_a_file_that_is_refused_is_complete_after_an_hour()
    {
        File.WriteAllText(PathOf("m.json"), "{");
        using var following = Follow();
        Pass(719);
        Assert.Equal([(0, false)], Sets());
        Pass(1);
        Assert.Equal([(0, false), (0, true)], Sets());
    }

    [Fact]
    public void A_directory_that_cannot_be_read_counts_as_refused()
    {
        Write("m.json", version: 1);
        using var following = Follow();
        _directory.Delete(recursive: true);
        Pass(1);
        _directory.Create();
        Pass(1);
        Assert.Equal([0, 1, 0], _refused);
    }

    [Fact]
    public void A_link_to_nothing_is_refused_once_and_what_it_led_to_stays()
    {
        var target = Path.Combine(_directory.CreateSubdirectory("elsewhere").FullName, "m.json");
        ReferenceFile.Write(SmallSnapshot.Of(version: 1), target);
        File.CreateSymbolicLink(PathOf("m.json"), target);
        using var following = Follow();

        File.Delete(target);
        Pass(3);
        Assert.Equal([1], Versions());
        Assert.Single(Errors());
        Assert.Equal(1, _refused[^1]);

        ReferenceFile.Write(SmallSnapshot.Of(version: 2), target);
        Pass(1);
        Assert.Equal([1, 2], Versions());
        Assert.Equal(0, _refused[^1]);
    }

    [Fact]
    public void A_ConfigMap_swapped_by_its_symbolic_link_is_noticed()
    {
        // As the kubelet does: m.json → ..data/m.json, ..data → ..1, and then ..data → ..2.
        var first = _directory.CreateSubdirectory("..1");
        var second = _directory.CreateSubdirectory("..2");
        ReferenceFile.Write(SmallSnapshot.Of(version: 1), Path.Combine(first.FullName, "m.json"));
        ReferenceFile.Write(SmallSnapshot.Of(version: 2), Path.Combine(second.FullName, "m.json"));
        File.SetLastWriteTimeUtc(Path.Combine(first.FullName, "m.json"), DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(Path.Combine(second.FullName, "m.json"), DateTime.UnixEpoch);
        File.CreateSymbolicLink(PathOf("..data"), "..1");
        File.CreateSymbolicLink(PathOf("m.json"), Path.Combine("..data", "m.json"));
        using var following = Follow();

        File.Delete(PathOf("..data"));
        File.CreateSymbolicLink(PathOf("..data"), "..2");
        first.Delete(recursive: true);
        Pass(1);

        Assert.Equal([1, 2], Versions());
        Assert.Empty(Errors());
    }

    /// <summary>Opening a pipe waits for its writer, and a device has no end.</summary>
    [Fact]
    public void What_is_no_regular_file_is_refused_once_and_never_opened()
    {
        using (var made = System.Diagnostics.Process.Start("mkfifo", [PathOf("pipe.json")]))
        {
            made.WaitForExit();
        }

        File.CreateSymbolicLink(PathOf("endless.json"), "/dev/zero");
        File.CreateSymbolicLink(PathOf("loop.json"), PathOf("loop.json"));
        File.CreateSymbolicLink(PathOf("directory.json"), _directory.CreateSubdirectory("elsewhere").FullName);
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(PathOf("socket.json")));
        File.WriteAllText(PathOf("empty.json"), "");
        Write("m.json", version: 1);

        using var following = Follow();
        Pass(3);

        Assert.Equal([1], Versions());
        Assert.Equal(
            ["empty.json", "endless.json", "loop.json", "pipe.json", "socket.json"],
            Errors().Select(error => Path.GetFileName(error.Split(": ")[2])).Order());
    }

    /// <summary>A sparse file, so that it takes no room.</summary>
    [Fact]
    public void A_file_larger_than_a_snapshot_may_be_is_refused_unread()
    {
        using (var file = File.Create(PathOf("m.json")))
        {
            file.SetLength(ReferenceFile.MaxBytes + 1L);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        using var following = Follow();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
        Assert.Contains("512 MiB", Assert.Single(Errors()), StringComparison.Ordinal);
    }

    /// <summary>
    /// A content that no stamp tells apart shows whether a file is read: not at each look, but for as long as the clock may stand still,
    /// and every ten minutes.
    /// </summary>
    [Fact]
    public void Files_are_read_when_their_stamps_change_and_every_ten_minutes()
    {
        Write("m.json", version: 1);
        Write("next", version: 2);
        var (written, next) = (File.GetLastWriteTimeUtc(PathOf("m.json")), File.ReadAllBytes(PathOf("next")));
        Assert.Equal(next.Length, new FileInfo(PathOf("m.json")).Length);
        using var following = Follow();
        Pass(1);

        using (var file = File.OpenWrite(PathOf("m.json"))) // in its place: it stays the same file
        {
            file.Write(next);
        }

        File.SetLastWriteTimeUtc(PathOf("m.json"), written);
        Pass(119);
        Assert.Equal([1, 1], Versions()); // once more, when it is complete
        Pass(2);
        Assert.Equal([1, 1, 2], Versions());
    }

    [Fact]
    public void Two_references_of_one_version_are_told_once_with_the_one_in_use()
    {
        var (early, late) = (At("2025-01-01T00:00:00Z", 8), At("2025-02-01T00:00:00Z", 4));
        ReferenceFile.Write(late, PathOf("a.json"));
        ReferenceFile.Write(early, PathOf("b.json"));
        ReferenceFile.Write(late, PathOf("c.json")); // the same content: no rival
        using var following = Follow();
        Write("other.json", version: 1, model: "other");
        Pass(2);

        Assert.All(_sets, set => Assert.Equal(late.Id, set.Of("m")!.Id));
        var warning = Assert.Single(_logged, line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Contains(
            $"{PathOf("a.json")} (id {late.Id}) is in use, {PathOf("b.json")} (id {early.Id}) is not", warning, StringComparison.Ordinal);

        static ReferenceSnapshot At(string createdAt, ulong tenths)
        {
            var sums = new PaneSums(1, [tenths, 10 - tenths, 0], [0, 0, 0]);
            return new ReferenceSnapshot(
                "m", 1, DateTimeOffset.Parse(createdAt, CultureInfo.InvariantCulture), ClassSpace.Create(["a", "b"]),
                new Dictionary<string, PaneSums> { ["_all"] = sums }, [new ReferenceBlock(0, 1, [tenths, 10 - tenths, 0])]);
        }
    }

    [Fact]
    public void A_directory_full_of_other_files_fills_no_log()
    {
        for (var i = 0; i < 100; i++)
        {
            File.WriteAllText(PathOf($"{i}.json"), "{}");
        }

        using var following = Follow();
        Pass(2);
        Assert.Equal(21, Errors().Length);
        Assert.Contains("80 more files", Errors()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_in_the_log_hold_nothing_that_a_terminal_obeys()
    {
        File.WriteAllText(PathOf("\u001b[31m\n\u202e.json"), "{}");
        using var following = Follow();
        Assert.Contains("\\u001b[31m\\n\\u202e.json", Assert.Single(Errors()), StringComparison.Ordinal);
        Assert.DoesNotContain(_logged.SelectMany(line => line), DisplayText.IsUnsafe);
    }

    [Fact]
    public void A_directory_that_vanishes_leaves_what_is_in_use_and_is_told_once()
    {
        Write("m.json", version: 1);
        using var following = Follow();
        _directory.Delete(recursive: true);
        Pass(3);
        Assert.Equal([1], Versions());
        Assert.Contains(_directory.FullName, Assert.Single(Errors()), StringComparison.Ordinal);

        _directory.Create();
        Write("m.json", version: 2);
        Pass(1);
        Assert.Equal([1, 2], Versions());
    }

    [Fact]
    public void Who_unsubscribes_hears_no_more_and_whoever_subscribes_again_starts_anew()
    {
        Write("m.json", version: 1);
        using (Follow())
        {
            Pass(1);
        }

        Write("m.json", version: 2);
        Pass(2);
        Assert.Equal([1], Versions());
        using var again = Follow();
        Assert.Equal([1, 2], Versions());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string PathOf(string file) => Path.Combine(_directory.FullName, file);

    private void Write(string file, int version, string model = "m") => ReferenceFile.Write(SmallSnapshot.Of(model, version), PathOf(file));

    private IDisposable Follow() => new ReferenceDirectory(
        _directory.FullName, new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        new Listed(_logged), _refused.Add).Follow(Interval, _scheduler).Subscribe(_sets.Add);

    private void Pass(int looks) => _scheduler.AdvanceBy(Interval * looks);

    private IEnumerable<(int References, bool IsComplete)> Sets() => _sets.Select(set => (set.ByModel.Count, set.IsComplete));

    private IEnumerable<int> Versions() => _sets.Select(set => set.Of("m")!.Version);

    private string[] Errors() => [.. _logged.Where(line => line.StartsWith("Error", StringComparison.Ordinal))];

    private sealed class Listed(List<string> lines) : ILogger<ReferenceDirectory>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
