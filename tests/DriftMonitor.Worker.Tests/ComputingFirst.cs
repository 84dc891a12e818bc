using DriftMonitor.Worker.Tests;
using DriftMonitor.Worker.Tests.Commands.Backtest;
using DriftMonitor.Worker.Tests.Commands.Reference;
using DriftMonitor.Worker.Tests.Commands.Replay;
using DriftMonitor.Worker.Tests.Configuration;
using DriftMonitor.Worker.Tests.CrashProof;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Formats;
using DriftMonitor.Worker.Tests.Join;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Tests.Watching;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(ComputingFirst))]

namespace DriftMonitor.Worker.Tests;

/// <summary>
/// First what computes, beside the library's tests, which do too, and two classes that wait for minutes; then what runs many programs
/// against the clock, and with it all else that waits. What must have the machine to itself comes after all of that.
/// </summary>
public sealed class ComputingFirst : ITestCollectionOrderer
{
    private static readonly string[] Order =
    [
        nameof(ReplicasOnDefaultBrokerTests), nameof(AlertRulesTests), nameof(RocksDbFeedbackStoreTests), nameof(SecretsTests),
        nameof(ReferenceShowCommandTests), nameof(BacktestCommandTests), nameof(ManySeriesTests), nameof(ReplayCommandTests),
        nameof(ArchitectureTests), nameof(PredictionFuzzTests), nameof(WireFormatTests), nameof(WireFormatFuzzTests),
        nameof(MutationTests),
        nameof(ModelOwnerOnDefaultBrokerTests), nameof(WatchedModelTests), nameof(GroupMembershipTests), nameof(AnotherLogTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => PlaceOf(collection.TestCollectionDisplayName))];

    private static int PlaceOf(string collection) =>
        Array.FindIndex(Order, name => IsOf(name, collection)) is var place and >= 0 ? place : Order.Length;

    /// <summary>Whether a collection has this name, or is that of the one class that has it.</summary>
    private static bool IsOf(string name, string collection) =>
        collection == name || collection.Contains($".{name} ", StringComparison.Ordinal);
}
