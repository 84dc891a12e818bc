using System.Reactive.Concurrency;
using DriftMonitor.References;
using DriftMonitor.Worker.References;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Worker.Tests.References;

/// <summary>The directory is looked at every five seconds of virtual time.</summary>
public sealed class ReferenceDirectoryTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly HistoricalScheduler _scheduler = new();
    private readonly List<string> _logged = [];
    private readonly List<ReferenceSet> _sets = [];

    [Fact]
    public void What_is_there_is_in_use_before_the_subscription_returns()
    {
        Write("digits.json", version: 1);
        using var following = Follow();
        Assert.Equal(1, Assert.Single(_sets).Of("digits-lr")!.Version);
    }

    [Fact]
    public void A_higher_version_is_switched_to_and_nothing_is_said_while_nothing_changes()
    {
        Write("one.json", version: 1);
        using var following = Follow();
        Pass(3);
        Assert.Single(_sets);

        Write("two.json", version: 2);
        Pass(1);
        Assert.Equal([1, 2], Versions());

        File.Delete(Path.Combine(_directory.FullName, "two.json"));
        Pass(1);
        Assert.Equal([1, 2, 1], Versions());
    }

    [Fact]
    public void A_bad_file_is_refused_once_and_the_one_in_use_stays()
    {
        Write("digits.json", version: 1);
        using var following = Follow();

        var text = File.ReadAllText(Path.Combine(_directory.FullName, "digits.json"));
        File.WriteAllText(Path.Combine(_directory.FullName, "digits.json"), text.Replace("\"events\":6000", "\"events\":6001", StringComparison.Ordinal));
        Pass(3);
        Assert.Equal([1], Versions());
        Assert.Contains("digits.json", Assert.Single(_logged, line => line.StartsWith("Error", StringComparison.Ordinal)), StringComparison.Ordinal);

        Write("digits.json", version: 3);
        Pass(1);
        Assert.Equal([1, 3], Versions());
    }

    [Fact]
    public void A_ConfigMap_swapped_by_its_symbolic_link_is_noticed()
    {
        var first = _directory.CreateSubdirectory("..1");
        var second = _directory.CreateSubdirectory("..2");
        ReferenceFile.Write(Snapshot(1), Path.Combine(first.FullName, "digits.json"));
        ReferenceFile.Write(Snapshot(2), Path.Combine(second.FullName, "digits.json"));
        var data = Path.Combine(_directory.FullName, "..data");
        Directory.CreateSymbolicLink(data, first.FullName);
        File.CreateSymbolicLink(Path.Combine(_directory.FullName, "digits.json"), Path.Combine("..data", "digits.json"));
        using var following = Follow();

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, second.FullName);
        Pass(1);

        Assert.Equal([1, 2], Versions());
    }

    [Fact]
    public void A_directory_that_vanishes_leaves_what_is_in_use()
    {
        Write("digits.json", version: 1);
        using var following = Follow();
        _directory.Delete(recursive: true);
        Pass(2);
        Assert.Equal([1], Versions());
        _directory.Create();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static ReferenceSnapshot Snapshot(int version) =>
        ReferenceFromPredictions.Build(RepositoryFiles.Digits("reference.jsonl"), null, null, version, DateTimeOffset.UnixEpoch).Snapshots.Single();

    private void Write(string file, int version) => ReferenceFile.Write(Snapshot(version), Path.Combine(_directory.FullName, file));

    private IDisposable Follow() => new ReferenceDirectory(_directory.FullName, new Listed(_logged)).Follow(Interval, _scheduler).Subscribe(_sets.Add);

    private void Pass(int looks) => _scheduler.AdvanceBy(Interval * looks);

    private IEnumerable<int> Versions() => _sets.Select(set => set.Of("digits-lr")!.Version);

    private sealed class Listed(List<string> lines) : ILogger<ReferenceDirectory>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
